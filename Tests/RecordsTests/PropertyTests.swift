import Authority
import Names
import SSHFormats
import Testing

/// Random entries, told to an engine and to the plainest model of the contract: both must say the same.
@Suite struct `Each engine and the model` {
    @Test(arguments: [Engine.sqlite, .postgres], UInt64(1)...12)
    func `agree after every entry`(_ engine: Engine, _ seed: UInt64) async throws {
        let (store, model) = (try await engine.open(), try await Engine.memory.open())
        var dice = Dice(seed: seed)
        for round in 0..<120 {
            let entry = Entry(
                try (0..<dice.roll(3)).map { _ in try Self.fact(&dice) },
                event: dice.roll(2) == 0 ? nil : Sample.event(round),
                claim: dice.roll(4) == 0 ? Sample.claim(UInt8(dice.roll(6)), body: UInt8(dice.roll(2))) : nil,
                reply: [UInt8(round)])
            let (ours, theirs) = (await Self.result(store, entry), await Self.result(model, entry))
            #expect(ours == theirs, "round \(round): \(entry)")
            if round % 20 == 19 { try await Self.compare(store, model) }
        }
    }

    private static func result(_ store: any Storage, _ entry: Entry) async -> Result<Receipt, StoreError> {
        do throws(StoreError) {
            return .success(try await store.record(entry))
        } catch {
            return .failure(error)
        }
    }

    static let people = ["alice", "bob", "carol"]

    private static func fact(_ dice: inout Dice) throws -> Fact {
        let person = IdentityID(.person, try Name(dice.pick(people)))
        let laptop = IdentityID(.device, try Name(dice.pick(people) + ".laptop"))
        let hash = Sample.hash(UInt8(dice.roll(4)))
        let key = UInt8(dice.roll(4) + 1)
        let fingerprint = try Sample.privateKey(key).publicKey.fingerprint
        let at = Sample.noon.advanced(by: Int64(dice.roll(2000)))
        switch dice.roll(20) {
        case 0, 1, 2: return .identityAdded(try Sample.person(person.name.text))
        case 3: return .identityAdded(try Sample.device(laptop.name.text, of: person))
        case 4: return .identityAdded(try host(&dice, owner: person))
        case 5: return .identityChanged(try host(&dice, owner: person))
        case 6: return .keyRegistered(try Sample.key(key, of: person))
        case 7: return .keyChanged(fingerprint, dice.pick(KeyState.allCases))
        case 8: return .factorSet(person, dice.pick(Factor.allCases), sealed: [UInt8(dice.roll(200))])
        case 9: return .linkMade(Sample.link(UInt8(dice.roll(4)), for: person))
        case 10: return .linkRedeemed(tokenHash: hash, by: fingerprint, at: at)
        case 11: return .linkCompleted(tokenHash: hash, by: fingerprint, at: at)
        case 12:
            let device = dice.roll(2) == 0 ? laptop : nil
            return .sessionStarted(
                try Sample.session("s\(dice.roll(5))", of: person, device: device), tokenHash: hash)
        case 13: return .sessionUsed(id: "s\(dice.roll(5))", at: at)
        case 14:
            return dice.roll(3) == 0
                ? .sessionsEnded(of: person, at: at) : .sessionEnded(id: "s\(dice.roll(5))", at: at)
        case 15: return .totpStepTaken(person, step: UInt64(dice.roll(30)))
        case 16:
            return .policyApplied(
                PolicyVersion(version: UInt64(dice.roll(6)), text: "p", appliedBy: person, appliedAt: at))
        case 17, 18:
            return .certificateIssued(
                try Sample.certificate(
                    UInt64(dice.roll(40)), for: dice.roll(5) == 0 ? laptop : person, key: key,
                    authority: dice.pick(CertificateAuthority.allCases), issuedAt: at))
        default:
            return dice.roll(3) == 0
                ? .hostStateMoved : .revoked(try revocation(&dice, person, fingerprint, at))
        }
    }

    private static func host(_ dice: inout Dice, owner: IdentityID) throws -> Identity {
        var host = try Sample.host(
            "h\(dice.roll(3))", owner: owner, aliases: ["a\(dice.roll(3))", "h\(dice.roll(3))"],
            addresses: ["192.0.2.\(dice.roll(3))"], labels: ["env=l\(dice.roll(2))"])
        host.status = dice.pick(IdentityStatus.allCases)
        return host
    }

    /// Revocations come at the end of the time in which certificates are made: the order of recording and
    /// that of time then agree.
    private static func revocation(
        _ dice: inout Dice, _ person: IdentityID, _ key: Fingerprint, _ at: UnixTime
    ) throws -> Revocation {
        let target: RevocationTarget =
            switch dice.roll(3) {
            case 0: .serial(dice.pick(CertificateAuthority.allCases), UInt64(dice.roll(40)))
            case 1: .key(key)
            default: .identity(person)
            }
        return Revocation(target: target, reason: "drill", at: Sample.noon.advanced(by: 2000))
    }

    private static func compare(_ a: any Storage, _ b: any Storage) async throws {
        for kind in IdentityKind.allCases {
            let ours = try await a.identities(kind, after: nil, limit: 50)
            #expect(try await b.identities(kind, after: nil, limit: 50) == ours)
        }
        for person in try await a.identities(.person, after: nil, limit: 50) {
            #expect(try await a.keys(of: person.id) == b.keys(of: person.id))
            #expect(
                try await a.certificates(of: person.id, limit: 9) == b.certificates(of: person.id, limit: 9))
            for factor in Factor.allCases {
                #expect(
                    try await a.sealedSecret(of: person.id, factor) == b.sealedSecret(of: person.id, factor))
            }
        }
        for number in UInt8(0)..<4 {
            #expect(
                try await a.link(tokenHash: Sample.hash(number)) == b.link(tokenHash: Sample.hash(number)))
            #expect(
                try await a.session(tokenHash: Sample.hash(number))
                    == b.session(tokenHash: Sample.hash(number)))
            for name in ["h\(number)", "a\(number)", "192.0.2.\(number)"] {
                #expect(try await a.hosts(knownAs: name) == b.hosts(knownAs: name))
            }
        }
        for authority in CertificateAuthority.allCases {
            #expect(try await a.revoked(authority, at: Sample.noon) == b.revoked(authority, at: Sample.noon))
        }
        #expect(try await a.policyHistory(before: nil, limit: 9) == b.policyHistory(before: nil, limit: 9))
        #expect(try await a.hostStateVersion() == b.hostStateVersion())
        #expect(try await a.growth(since: 1) == b.growth(since: 1))
        #expect(try await a.leaves(from: 3, limit: 7) == b.leaves(from: 3, limit: 7))
    }
}

/// Numbers that are the same for the same seed (SplitMix64).
struct Dice {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func roll(_ sides: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(sides))
    }

    mutating func pick<Element>(_ all: [Element]) -> Element { all[roll(all.count)] }
}
