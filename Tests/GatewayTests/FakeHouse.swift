import Authority
import Crypto
import Names
import SSHFormats
import Synchronization

/// Storage in memory, as far as the door's tests go: sessions, keys, replies, serials, one policy.
final class FakeHouse: Sendable {
    struct State: Sendable {
        var sessions: [[UInt8]: SessionFound] = [:]
        var keys: [Fingerprint: RegisteredKey] = [:]
        var identities: [IdentityID: Identity] = [:]
        var replies: [[UInt8]: RememberedReply] = [:]
        var issued: [IssuedCertificate] = []
        var events: [Event] = []
        var size: UInt64 = 0
        var isBroken = false
    }

    let state = Mutex(State())
    let policy: PolicyVersion

    init(policy: String) {
        self.policy = PolicyVersion(version: 1, text: policy, appliedBy: nil, appliedAt: UnixTime(1))
    }

    private func asked<Result>(_ read: (inout State) -> Result) throws(StoreError) -> Result {
        let (result, isBroken) = state.withLock { (read(&$0), $0.isBroken) }
        guard !isBroken else { throw .failed(reason: "disk on fire at /var/lib/secret-path") }
        return result
    }
}

extension FakeHouse: Journal {
    func record(_ entry: Entry) async throws(StoreError) -> Receipt {
        let conflict = try asked { state -> RememberedReply? in
            if let claim = entry.claim, let found = state.replies[claim.scopeHash] { return found }
            for case .certificateIssued(let issued) in entry.facts { state.issued.append(issued) }
            if let event = entry.event { state.events.append(event) }
            state.size += 1
            guard let claim = entry.claim else { return nil }
            state.replies[claim.scopeHash] = RememberedReply(
                bodyHash: claim.bodyHash, reply: entry.reply,
                receipt: Receipt(index: state.size - 1, treeSize: state.size))
            return nil
        }
        if let conflict { throw .conflict(.claimed(conflict)) }
        let size = try asked { $0.size }
        return Receipt(index: size - 1, treeSize: size)
    }

    func remembered(_ claim: IdempotencyClaim, at now: UnixTime) async throws(StoreError) -> RememberedReply?
    {
        try asked { $0.replies[claim.scopeHash] }
    }
}

extension FakeHouse: Directory {
    func identity(_ id: IdentityID) async throws(StoreError) -> Identity? { try asked { $0.identities[id] } }

    func identities(_ kind: IdentityKind, after: Name?, limit: Int) async throws(StoreError) -> [Identity] {
        try asked { state in
            let all = state.identities.values.filter { $0.id.kind == kind }.sorted { $0.id < $1.id }
            return Array(all.filter { one in after.map { $0 < one.id.name } ?? true }.prefix(limit))
        }
    }

    func host(knownAs text: String) async throws(StoreError) -> Identity? {
        try asked { $0.identities.values.first { $0.id.kind == .host && $0.id.name.text == text } }
    }

    func key(_ fingerprint: Fingerprint) async throws(StoreError) -> RegisteredKey? {
        try asked { $0.keys[fingerprint] }
    }

    func keys(of identity: IdentityID) async throws(StoreError) -> [RegisteredKey] {
        try asked { $0.keys.values.filter { $0.identity == identity } }
    }

    func session(tokenHash: [UInt8]) async throws(StoreError) -> SessionFound? {
        try asked { $0.sessions[tokenHash] }
    }
}

extension FakeHouse: Credentials {
    func sealedSecret(of id: IdentityID, _ factor: Factor) async throws(StoreError) -> [UInt8]? { nil }
    func link(tokenHash: [UInt8]) async throws(StoreError) -> EnrolmentLink? { nil }
    func reserve(_ attempt: Attempt, limits: AttemptLimits) async throws(StoreError) -> AttemptVerdict {
        .reserved
    }
    func settle(_ attempt: Attempt, _ outcome: AttemptOutcome) async throws(StoreError) {}
}

extension FakeHouse: Certificates {
    func certificate(
        _ authority: CertificateAuthority, serial: UInt64
    ) async throws(StoreError) -> IssuedCertificate? {
        try asked { $0.issued.first { $0.authority == authority && $0.certificate.serial == serial } }
    }
    func certificates(of identity: IdentityID, limit: Int) async throws(StoreError) -> [IssuedCertificate] {
        []
    }
    func reserveSerials(node: String, count: UInt64) async throws(StoreError) -> ClosedRange<UInt64> {
        1...1000
    }
    func revoked(_ authority: CertificateAuthority, at now: UnixTime) async throws(StoreError) -> RevokedNow {
        RevokedNow()
    }
    func standing(of key: Fingerprint) async throws(StoreError) -> KeyStanding { KeyStanding() }
    func hostStateVersion() async throws(StoreError) -> UInt64 { try asked { _ in 7 } }
}

extension FakeHouse: Policies {
    func currentPolicy() async throws(StoreError) -> PolicyVersion? { policy }
    func currentPolicyVersion() async throws(StoreError) -> UInt64 { policy.version }
    func policyHistory(limit: Int) async throws(StoreError) -> [PolicyVersion] { [policy] }
}

extension FakeHouse: EventLog {
    func treeSize() async throws(StoreError) -> UInt64 { try asked { $0.size } }
    func leaves(from: UInt64, limit: Int) async throws(StoreError) -> [LedgerLeaf] { [] }
    func growth(since size: UInt64) async throws(StoreError) -> LedgerGrowth { throw .busy }
    func inclusion(of index: UInt64, size: UInt64) async throws(StoreError) -> [[UInt8]] { [] }
    func keep(checkpoint note: String, size: UInt64) async throws(StoreError) {}
    func checkpoints(limit: Int) async throws(StoreError) -> [KeptCheckpoint] { [] }
}

/// Signs certificates with keys in memory.
struct FakeSigner: Signer {
    let keys: [SigningRole: PrivateKey]

    init() throws {
        keys = Dictionary(
            uniqueKeysWithValues: try SigningRole.allCases.map { ($0, try PrivateKey.generate(.ed25519)) })
    }

    func publicKeys() async throws(SignerError) -> [SigningRole: PublicKey] { keys.mapValues(\.publicKey) }

    func sign(_ permit: consuming SigningPermit) async throws(SignerError) -> Signature {
        guard let key = keys[permit.role] else { throw .unavailable(reason: "no key") }
        do { return try key.sign(permit.toBeSigned) } catch { throw .unavailable(reason: "\(error)") }
    }

    func signCheckpoint(body: [UInt8], consistency: [[UInt8]]) async throws(SignerError) -> [UInt8] {
        throw .unavailable(reason: "not here")
    }
    func checkpointSize() async throws(SignerError) -> UInt64 { 0 }
    func signHostState(_ payload: [UInt8]) async throws(SignerError) -> [UInt8] { [] }
    func signTLS(toBeSigned: [UInt8]) async throws(SignerError) -> [UInt8] { [] }
}

struct NoHashing: PasswordHashing {
    func hash(_ password: [UInt8]) async throws(HashingError) -> String { throw .busy }
    func matches(_ password: [UInt8], _ encoded: String?) async throws(HashingError) -> Bool { throw .busy }
}

/// Real sealing, with a key of its own.
struct FakeSealing: SecretSealing {
    let key = SymmetricKey(size: .bits256)

    func seal(_ plain: [UInt8], context: String) throws(SealingError) -> [UInt8] {
        guard
            let box = try? AES.GCM.seal(plain, using: key, authenticating: Array(context.utf8)),
            let bytes = box.combined
        else { throw .wrongKeyOrAltered }
        return Array(bytes)
    }

    func open(_ sealed: [UInt8], context: String) throws(SealingError) -> [UInt8] {
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let plain = try? AES.GCM.open(box, using: key, authenticating: Array(context.utf8))
        else { throw .wrongKeyOrAltered }
        return Array(plain)
    }
}
