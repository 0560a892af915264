package import Authority
import Ledger
package import SSHFormats
import Synchronization

/// Holds the authority's keys in memory and signs whatever it is told to; it can be told to misbehave.
package final class FakeSigner: Signer, CAKeyring {
    package enum Behaviour: Sendable {
        case honest
        /// Signs the bytes with one of them changed.
        case signsOtherBytes
        /// Signs rightly, then flips one bit of the signature.
        case flipsBit(Int)
        /// Signs with the key of this role, whichever was meant.
        case signsAs(SigningRole)
        case fails(SignerError)
        /// Does not answer until ``release()``.
        case hangs
    }

    private struct State {
        var behaviour = Behaviour.honest
        var isReleased = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var signed = 0
        var size: UInt64 = 0
        var root = MerkleHash.empty
        var caKeys: [CertificateAuthority: [RotatingKey]] = [:]
    }

    struct RotatingKey: Sendable {
        let key: PrivateKey
        var state: CAKeyState
    }

    private let keys: [SigningRole: PrivateKey]
    private let state = Mutex(State())

    /// - Parameter missing: Roles that it holds no key for.
    package init(missing: Set<SigningRole> = []) throws {
        var keys: [SigningRole: PrivateKey] = [:]
        for (position, role) in SigningRole.allCases.enumerated() where !missing.contains(role) {
            let isTLS = role == .tlsRoot || role == .token
            keys[role] =
                try isTLS
                ? .generate(.ecdsaP256)
                : PrivateKey(ed25519Seed: [UInt8](repeating: UInt8(200 + position), count: 32))
        }
        self.keys = keys
    }

    /// Holds one key for two roles.
    package init(sharing key: SigningRole, as other: SigningRole) throws {
        var keys = try FakeSigner().keys
        keys[other] = keys[key]
        self.keys = keys
    }

    package func behave(_ behaviour: Behaviour) {
        state.withLock { state in
            state.behaviour = behaviour
            state.isReleased = false
        }
    }

    /// Lets everything that hangs go on.
    package func release() {
        let waiting = state.withLock { state in
            state.isReleased = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume() }
    }

    /// How many signatures over certificates it was asked for.
    package var signed: Int { state.withLock { $0.signed } }
    /// How many calls hang.
    package var hanging: Int { state.withLock { $0.waiting.count } }

    package func publicKeys() -> [SigningRole: PublicKey] {
        Dictionary(
            uniqueKeysWithValues: keys.keys.compactMap { role in key(role).map { (role, $0.publicKey) } })
    }

    /// The one that signs.
    private func key(_ role: SigningRole) -> PrivateKey? {
        let authority: CertificateAuthority? =
            switch role {
            case .userCA: .user
            case .hostCA: .host
            case .plainUserCA, .tlsRoot, .token, .checkpoint, .hostState: nil
            }
        let rotated = authority.flatMap { authority in
            state.withLock { $0.caKeys[authority]?.last { $0.state == .signing }?.key }
        }
        return rotated ?? keys[role]
    }

    package func sign(_ permit: consuming SigningPermit) async throws(SignerError) -> Signature {
        let role = permit.role
        var bytes = permit.toBeSigned
        let behaviour = state.withLock { state in
            state.signed += 1
            return state.behaviour
        }
        switch behaviour {
        case .honest:
            let draft = try? CertificateDraft(parsingToBeSigned: bytes)
            guard draft?.signatureKey == key(role)?.publicKey else {
                throw .refused(code: "unknown-key", reason: "the certificate names another signature key")
            }
            return try signature(role, bytes)
        case .signsOtherBytes:
            bytes[bytes.count / 2] ^= 1
            return try signature(role, bytes)
        case .flipsBit(let bit): return try flipped(try signature(role, bytes), bit)
        case .signsAs(let other): return try signature(other, bytes)
        case .fails(let error): throw error
        case .hangs:
            await untilReleased()
            return try signature(role, bytes)
        }
    }

    private func untilReleased() async {
        await withCheckedContinuation { continuation in
            let isReleased = state.withLock { state in
                if !state.isReleased { state.waiting.append(continuation) }
                return state.isReleased
            }
            if isReleased { continuation.resume() }
        }
    }

    private func flipped(_ signature: Signature, _ bit: Int) throws(SignerError) -> Signature {
        var bytes = signature.bytes
        bytes[bit / 8 % bytes.count] ^= 1 << UInt8(bit % 8)
        do { return try Signature(algorithm: signature.algorithm, bytes: bytes) } catch {
            throw .unavailable(reason: "\(error)")
        }
    }

    private func signature(_ role: SigningRole, _ bytes: [UInt8]) throws(SignerError) -> Signature {
        guard let key = key(role) else { throw .unavailable(reason: "no \(role.rawValue) key") }
        do { return try key.sign(bytes) } catch { throw .unavailable(reason: "\(error)") }
    }
}

extension FakeSigner {
    /// Signs only what grows out of what it signed last.
    package func signCheckpoint(body: [UInt8], consistency: [[UInt8]]) throws(SignerError) -> [UInt8] {
        if case .fails(let error) = state.withLock({ $0.behaviour }) { throw error }
        guard let parsed = try? CheckpointBody(parsing: body) else {
            throw .refused(code: "bad-request", reason: "not a checkpoint")
        }
        let path = consistency.compactMap { MerkleHash(bytes: $0) }
        let isGrowth = state.withLock { state in
            let proof = ConsistencyProof(first: state.size, second: parsed.size, path: path)
            guard (try? proof.verify(firstRoot: state.root, secondRoot: parsed.root)) != nil else {
                return false
            }
            (state.size, state.root) = (parsed.size, parsed.root)
            return true
        }
        guard isGrowth else { throw .refused(code: "inconsistent-checkpoint", reason: "not proven to grow") }
        return try signature(.checkpoint, body).bytes
    }

    package func checkpointSize() -> UInt64 { state.withLock { $0.size } }

    package func signHostState(_ payload: [UInt8]) throws(SignerError) -> [UInt8] {
        try signature(.hostState, payload).bytes
    }

    package func signTLS(toBeSigned: [UInt8]) throws(SignerError) -> [UInt8] {
        throw .refused(code: "bad-request", reason: "this signer signs no TLS certificates")
    }
}

/// Keys of CAs, as a signer that keeps them in memory. What it seals is the position of the key.
extension FakeSigner {
    package func caKeys() throws(SignerError) -> [HeldCAKey] {
        CAKeySets.rotating.flatMap { authority in
            changing(authority) { keys in
                keys.map {
                    HeldCAKey(authority: authority, publicKey: $0.key.publicKey, state: $0.state)
                }
            }
        }
    }

    package func prepareKey(
        _ authority: CertificateAuthority
    ) throws(SignerError) -> (key: PublicKey, sealed: [UInt8]) {
        let made: PrivateKey
        do { made = try .generate(.ed25519) } catch { throw .unavailable(reason: "\(error)") }
        return changing(authority) { keys in
            if let held = keys.first(where: { $0.state == .prepared }) { return (held.key.publicKey, [1]) }
            keys.append(RotatingKey(key: made, state: .prepared))
            return (made.publicKey, [1])
        }
    }

    package func adoptKey(_ authority: CertificateAuthority, sealed: [UInt8]) throws(SignerError) {
        throw .refused(code: "wrong-key", reason: "there is one signer alone")
    }

    package func promoteKey(
        _ authority: CertificateAuthority, _ key: PublicKey
    ) throws(SignerError) {
        changing(authority) { keys in
            for other in keys.indices where keys[other].state == .signing { keys[other].state = .retiring }
            for one in keys.indices where keys[one].key.publicKey == key { keys[one].state = .signing }
        }
    }

    package func retireKey(_ authority: CertificateAuthority, _ key: PublicKey) throws(SignerError) {
        changing(authority) { keys in
            for one in keys.indices where keys[one].key.publicKey == key { keys[one].state = .retired }
        }
    }

    /// Where each of its keys stands, in the order in which they came.
    package func states(_ authority: CertificateAuthority) -> [CAKeyState] {
        changing(authority) { $0.map(\.state) }
    }

    private func changing<Value: Sendable>(
        _ authority: CertificateAuthority, _ body: (inout [RotatingKey]) -> Value
    ) -> Value {
        let first = keys[authority == .host ? .hostCA : .userCA]
        return state.withLock { state in
            var held = state.caKeys[authority] ?? first.map { [RotatingKey(key: $0, state: .signing)] } ?? []
            defer { state.caKeys[authority] = held }
            return body(&held)
        }
    }
}
