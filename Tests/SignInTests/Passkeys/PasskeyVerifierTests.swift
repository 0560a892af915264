import Authority
import Names
import SSHFormats
import SignIn
import Testing

/// What an authenticator answers, checked by the bytes.
@Suite struct `A passkey's answer` {
    typealias Saying = SoftAuthenticator.Saying

    private let challenge = (0..<32).map { UInt8($0) }
    private let handle = [UInt8](repeating: 8, count: 32)
    private let verifier = PasskeyVerifier()

    private func expected(mustVerify: Bool = true) -> PasskeyExpectation {
        PasskeyExpectation(
            challenge: challenge, origins: ["https://ca.example.com:8443", "https://ca.example.com"],
            relyingParty: "ca.example.com", mustVerify: mustVerify)
    }

    private func registered(_ authenticator: SoftAuthenticator) throws -> Passkey {
        let attested = try verifier.attested(
            try authenticator.attestation(Saying(challenge: challenge)), expected())
        return Passkey(
            id: attested.id, person: try IdentityID("alice"), handle: handle, key: attested.key,
            signCount: attested.signCount, name: try Name("key-1"), createdAt: UnixTime(1))
    }

    /// Why it does not count; nil where it does.
    private func fault(_ body: () throws -> some Any) throws -> PasskeyFault? {
        do {
            _ = try body()
            return nil
        } catch let fault as PasskeyFault {
            return fault
        }
    }

    @Test(arguments: PasskeyAlgorithm.allCases) func `counts for what it was asked for`(
        _ algorithm: PasskeyAlgorithm
    ) throws {
        let authenticator = try SoftAuthenticator(algorithm)
        let passkey = try registered(authenticator)
        #expect(passkey.id == authenticator.id && passkey.key.algorithm == algorithm)
        let shown = try verifier.asserted(
            try authenticator.assertion(Saying(challenge: challenge, count: 7), handle: handle), by: passkey,
            expected())
        #expect(shown == AssertedPasskey(signCount: 7, isBackedUp: false))
    }

    static let wrong: [(Saying, PasskeyFault)] = {
        let right = (0..<32).map { UInt8($0) }
        let plain = Saying(challenge: right)
        func but(_ change: (inout Saying) -> Void) -> Saying {
            var saying = plain
            change(&saying)
            return saying
        }
        return [
            (but { $0.challenge[31] ^= 1 }, .wrongChallenge),
            (but { $0.challenge = [] }, .wrongChallenge),
            (but { $0.challenge.append(0) }, .wrongChallenge),
            (but { $0.origin = "https://ca.example.com:8444" }, .wrongOrigin),
            (but { $0.origin = "http://ca.example.com:8443" }, .wrongOrigin),
            (but { $0.origin = "https://ca.example.com.evil.example" }, .wrongOrigin),
            (but { $0.origin = "https://CA.example.com" }, .wrongOrigin),
            (but { $0.origin = "https://ca.example.com/" }, .wrongOrigin),
            (but { $0.more = #","crossOrigin":true"# }, .wrongOrigin),
            (but { $0.more = #","crossOrigin":"no""# }, .wrongOrigin),
            (but { $0.more = #","topOrigin":"https://evil.example""# }, .wrongOrigin),
            (but { $0.relyingParty = "example.com" }, .wrongRelyingParty),
            (but { $0.relyingParty = "evil.example" }, .wrongRelyingParty),
            (but { $0.flags = 0x04 }, .notPresent),
            (but { $0.flags = 0x01 }, .notVerified),
            (but { $0.flags = 0x15 }, .wrongBackup),
            (but { $0.type = "webauthn.other" }, .wrongType),
            (but { $0.clientData = "" }, .malformed),
            (but { $0.clientData = "[]" }, .malformed),
            (but { $0.more = #","origin":"https://evil.example""# }, .malformed),
            (but { $0.more = #","pad":"\#(String(repeating: "a", count: 5_000))""# }, .malformed),
        ]
    }()

    @Test(arguments: wrong) func `A07 proves nobody when it was made for anything else`(
        _ saying: Saying, _ reason: PasskeyFault
    ) throws {
        let authenticator = try SoftAuthenticator()
        let passkey = try registered(authenticator)
        #expect(
            try fault {
                try verifier.asserted(
                    try authenticator.assertion(saying, handle: handle), by: passkey, expected())
            } == reason)
        #expect(
            try fault { try verifier.attested(try authenticator.attestation(saying), expected()) } == reason)
    }

    @Test func `A07 is of its kind: what registers does not sign in, and the other way round`() throws {
        let authenticator = try SoftAuthenticator()
        let passkey = try registered(authenticator)
        let create = Saying(challenge: challenge, type: "webauthn.create")
        let get = Saying(challenge: challenge, type: "webauthn.get")
        #expect(
            try fault {
                try verifier.asserted(
                    try authenticator.assertion(create, handle: handle), by: passkey, expected())
            } == .wrongType)
        #expect(
            try fault { try verifier.attested(try authenticator.attestation(get), expected()) } == .wrongType)
    }

    @Test func `A07 need not be verified where that is not asked for`() throws {
        let authenticator = try SoftAuthenticator()
        let passkey = try registered(authenticator)
        let touched = Saying(challenge: challenge, flags: 0x01)
        let answer = try authenticator.assertion(touched, handle: handle)
        #expect(try fault { try verifier.asserted(answer, by: passkey, expected()) } == .notVerified)
        #expect(
            try fault { try verifier.asserted(answer, by: passkey, expected(mustVerify: false)) } == nil)
    }

    @Test(arguments: PasskeyAlgorithm.allCases, PasskeyAlgorithm.allCases)
    func `A07 counts by the key and the algorithm that were registered alone`(
        _ registeredAs: PasskeyAlgorithm, _ signedBy: PasskeyAlgorithm
    ) throws {
        let passkey = try registered(try SoftAuthenticator(registeredAs))
        let other = try SoftAuthenticator(signedBy)
        let answer = try other.assertion(Saying(challenge: challenge), handle: handle)
        let swapped = PasskeyAssertion(
            id: passkey.id, clientData: answer.clientData, authenticatorData: answer.authenticatorData,
            signature: answer.signature, handle: handle)
        #expect(try fault { try verifier.asserted(swapped, by: passkey, expected()) } == .wrongSignature)
        // The same bytes of a key, taken for another algorithm's.
        let relabelled = Passkey(
            id: passkey.id, person: passkey.person, handle: handle,
            key: PasskeyKey(signedBy, passkey.key.bytes), signCount: 0, name: passkey.name,
            createdAt: passkey.createdAt)
        if signedBy != registeredAs {
            #expect(
                try fault { try verifier.asserted(swapped, by: relabelled, expected()) } == .wrongSignature)
        }
    }

    @Test func `A07 belongs to its person and its id`() throws {
        let authenticator = try SoftAuthenticator()
        let passkey = try registered(authenticator)
        let saying = Saying(challenge: challenge)
        for other in [[], [UInt8](repeating: 9, count: 32), Array(handle.dropLast())] {
            let answer = try authenticator.assertion(saying, handle: other)
            #expect(try fault { try verifier.asserted(answer, by: passkey, expected()) } == .wrongHandle)
        }
        let stranger = try SoftAuthenticator().assertion(saying, handle: handle)
        #expect(try fault { try verifier.asserted(stranger, by: passkey, expected()) } == .wrongHandle)
    }

    @Test func `is damaged by every changed bit of what was signed`() throws {
        let authenticator = try SoftAuthenticator(.eddsa)
        let passkey = try registered(authenticator)
        let answer = try authenticator.assertion(Saying(challenge: challenge, count: 9), handle: handle)
        for place in answer.authenticatorData.indices {
            var data = answer.authenticatorData
            data[place] ^= 0x20
            let damaged = PasskeyAssertion(
                id: answer.id, clientData: answer.clientData, authenticatorData: data,
                signature: answer.signature, handle: handle)
            #expect(try fault { try verifier.asserted(damaged, by: passkey, expected()) } != nil)
        }
        for bad in [
            [], Array(answer.signature.dropLast()), answer.signature + [0],
            [UInt8](repeating: 0, count: 9_000),
        ] {
            let damaged = PasskeyAssertion(
                id: answer.id, clientData: answer.clientData, authenticatorData: answer.authenticatorData,
                signature: bad, handle: handle)
            #expect(try fault { try verifier.asserted(damaged, by: passkey, expected()) } == .wrongSignature)
        }
        for bad in [[], Array(answer.authenticatorData.dropLast()), [UInt8](repeating: 0, count: 3_000)] {
            let damaged = PasskeyAssertion(
                id: answer.id, clientData: answer.clientData, authenticatorData: bad,
                signature: answer.signature, handle: handle)
            #expect(try fault { try verifier.asserted(damaged, by: passkey, expected()) } == .malformed)
        }
    }

    @Test func `registers keys of the algorithms that are taken, and no others (A07)`() throws {
        let authenticator = try SoftAuthenticator()
        let saying = Saying(challenge: challenge)
        let right = try authenticator.cose
        let others: [[UInt8]] = [
            // ES384's number, on the same point; ES256K's; EdDSA's, for a key of a curve; none; RS1's.
            Array(right[..<4]) + [0x38, 0x22] + right[5...], Array(right[..<4]) + [0x38, 0x2e] + right[5...],
            Array(right[..<4]) + [0x27] + right[5...], Array(right[..<4]) + [0x00] + right[5...],
            Array(right[..<4]) + [0x39, 0xff, 0xfe] + right[5...],
            // A point that is not on the curve.
            Array(right[..<20]) + [right[20] ^ 1] + right[21...],
            // Nothing, half of it, and a coordinate that is too short.
            [], Array(right[..<40]), Array(right[..<8]) + [0x41, 1, 0x22] + right[43...],
        ]
        for cose in others {
            let answer = try authenticator.attestation(saying, key: cose)
            #expect(try fault { try verifier.attested(answer, expected()) } == .algorithmNotTaken)
        }
    }

    @Test func `registers no RSA key of another size or exponent (A07)`() throws {
        let authenticator = try SoftAuthenticator(.rs256)
        let right = try authenticator.cose
        let bits3072 = try SoftAuthenticator(rsaBits: 3_072).cose
        for cose in [Array(right.dropLast(3)) + [0, 0, 3], Array(right.dropLast()) + [0], bits3072] {
            let answer = try authenticator.attestation(Saying(challenge: challenge), key: cose)
            #expect(try fault { try verifier.attested(answer, expected()) } == .algorithmNotTaken)
        }
    }

    @Test func `survives whatever an attestation object is turned into`() throws {
        let authenticator = try SoftAuthenticator()
        let good = try authenticator.attestation(Saying(challenge: challenge))
        var random = Repeatable(state: 0x5eed)
        for _ in 0..<4_000 {
            var object = good.object
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: object.indices, using: &random)
                switch UInt8.random(in: 0..<3, using: &random) {
                case 0: object[place] = UInt8.random(in: 0...255, using: &random)
                case 1: object.remove(at: place)
                default: object.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
            }
            let bad = PasskeyAttestation(clientData: good.clientData, object: object, transports: [])
            guard let attested = try? verifier.attested(bad, expected()) else { continue }
            // What is taken all the same has a key that can be used, and an id of its length.
            #expect(attested.key.algorithm == .es256 && (1...1_023).contains(attested.id.count), "\(object)")
        }
    }

    @Test func `registers nothing that is not just an attestation of nobody`() throws {
        let authenticator = try SoftAuthenticator()
        let saying = Saying(challenge: challenge)
        let good = try authenticator.attestation(saying)
        #expect(
            try fault {
                try verifier.attested(try authenticator.attestation(saying, format: "packed"), expected())
            } == .attestationNotTaken)
        for length in good.object.indices {
            let cut = PasskeyAttestation(
                clientData: good.clientData, object: Array(good.object[..<length]), transports: [])
            #expect(try fault { try verifier.attested(cut, expected()) } != nil)
        }
        for object in [good.object + [0], [0xbf], [0xa3, 0x7b] + [UInt8](repeating: 255, count: 8), []] {
            let bad = PasskeyAttestation(clientData: good.clientData, object: object, transports: [])
            #expect(try fault { try verifier.attested(bad, expected()) } == .malformed)
        }
    }
}

/// Random numbers that their first state repeats (SplitMix64).
private struct Repeatable: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
