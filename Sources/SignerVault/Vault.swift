import Crypto
import HostDocuments
import Ledger
import Posix
import SSHFormats
package import SignerProtocol
import Synchronization

/// The keys at work: answers requests, and refuses what the profiles forbid, whoever asks.
package final class Vault: Sendable {
    private let keyring: Mutex<Keyring>
    private let checkpoints: CheckpointMemory
    private let hosts: HostStateMemory
    private let caps: [SignerRole: RateCap]
    private let instance: [UInt8]
    let files: VaultFiles
    private let now: @Sendable () -> UInt64
    private let ticks: @Sendable () -> UInt64

    /// Opens all files of the folder.
    ///
    /// - Parameters:
    ///   - now: Wall clock, seconds since 1970 UTC.
    ///   - ticks: Monotonic clock, nanoseconds; for the rate caps.
    package init(
        _ files: VaultFiles, now: @escaping @Sendable () -> UInt64,
        ticks: @escaping @Sendable () -> UInt64 = { MonotonicClock.now() }
    ) throws(VaultError) {
        let keyring = try files.keyring()
        self.files = files
        self.keyring = Mutex(keyring)
        self.now = now
        self.ticks = ticks
        try files.publish(keyring)
        checkpoints = try CheckpointMemory(files.checkpoint)
        hosts = try HostStateMemory(files.hosts)
        let start = ticks()
        let caps = SignerRole.allCases.map { role in
            (role, RateCap(perSecond: keyring.profile(role).rate, now: start))
        }
        self.caps = Dictionary(uniqueKeysWithValues: caps)
        instance = try VaultError.wrap { () throws(PosixError) in try secureRandom(16) }
    }

    /// Who this is, with the keys of now.
    var greeting: SignerGreeting {
        SignerGreeting(version: SignerRequest.version, instance: instance, keys: keys.publicKeys)
    }

    private var keys: Keyring { keyring.withLock { $0 } }

    /// Changes which keys there are; durable when it returns, and nothing of it where it cannot be.
    func change<Value>(_ body: (inout Keyring) throws(SignerFault) -> Value) throws(SignerFault) -> Value {
        let result: Result<Value, SignerFault> = keyring.withLock { keyring in
            do throws(SignerFault) {
                var changed = keyring
                let value = try body(&changed)
                guard changed.encoded != keyring.encoded else { return .success(value) }
                do { try files.save(changed) } catch {
                    throw SignerFault(.unavailable, "the keys could not be written")
                }
                keyring = changed
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// What a request gave.
    package struct Answer {
        package let reply: SignerReply
        /// What is to be logged; nil for questions.
        var record: SigningRecord?
        /// True when ``Vault/settle()`` must succeed before the reply leaves.
        var isUnsettled = false
    }

    package func answer(_ request: SignerRequest) -> Answer {
        switch request {
        case .hello(let version): Answer(reply: greet(version))
        case .checkpointHead: Answer(reply: .checkpointHead(checkpoints.head))
        case .certificate(let role, let bytes): certificate(role, bytes)
        case .checkpoint(let body, let consistency):
            recorded(.checkpoint, body) { () throws(SignerFault) in
                try self.checkpoint(body, consistency)
            }
        case .hostState(let payload):
            recorded(.hostState, payload, isUnsettled: true) { () throws(SignerFault) in
                try self.hostState(payload)
            }
        case .tls(let bytes):
            recorded(.tlsRoot, bytes) { () throws(SignerFault) in try self.tls(bytes) }
        case .unlock: Answer(reply: .unlocked)
        case .prepareKey, .adoptKey, .promoteKey, .retireKey: rotation(request)
        }
    }

    /// Makes durable what unsettled answers rest on.
    package func settle() throws(SignerFault) { try hosts.save() }

    private func greet(_ version: UInt32) -> SignerReply {
        guard version == SignerRequest.version else {
            return .fault(
                SignerFault(.wrongVersion, "this signer speaks version \(SignerRequest.version)"))
        }
        return .hello(greeting)
    }

    private func certificate(_ role: SignerRole, _ bytes: [UInt8]) -> Answer {
        let known = keys.signingKey(role)?.publicKey
        let draft = try? CertificateDraft(parsingToBeSigned: bytes, known: known)
        return recorded(role, bytes, serial: draft?.serial) { () throws(SignerFault) in
            guard let draft else { throw .refused("the bytes are not those of a certificate") }
            return try self.sign(draft, role, bytes)
        }
    }

    private func sign(
        _ draft: CertificateDraft, _ role: SignerRole, _ bytes: [UInt8]
    ) throws(SignerFault) -> SignerReply {
        let key = try key(role)
        let kind: CertificateKind = role == .hostCA ? .host : .user
        guard draft.signatureKey == key.publicKey else {
            throw SignerFault(
                .unknownKey, "the certificate names another signature key than that of its role")
        }
        let keyring = keys
        guard !keyring.holds(draft.publicKey) else {
            throw .refused("keys of the authority are not certified")
        }
        try keyring.profile(role).check(draft, kind: kind, now: now())
        try take(role)
        return .signature(try key.sign(bytes))
    }

    private func checkpoint(_ bytes: [UInt8], _ consistency: [MerkleHash]) throws(SignerFault) -> SignerReply
    {
        let key = try key(.checkpoint)
        guard let body = try? CheckpointBody(parsing: bytes), body.extensions.isEmpty else {
            throw .refused("the bytes are not those of a checkpoint")
        }
        try take(.checkpoint)
        try checkpoints.advance(to: body, consistency: consistency)
        return .bytes(try key.signBytes(bytes))
    }

    private func hostState(_ payload: [UInt8]) throws(SignerFault) -> SignerReply {
        let key = try key(.hostState)
        guard let state = try? HostState(decoding: payload),
            let span = try? Validity(
                validAfter: UnixTime(state.issuedAt), validBefore: UnixTime(state.notAfter))
        else { throw .refused("the bytes are not those of a host state") }
        for trusted in state.userCAKeys where !isUserCA(trusted) {
            throw SignerFault(.unknownKey, "a host may trust only user CA keys that are held here")
        }
        try keys.profile(.hostState).checkValidity(span, now: now())
        try take(.hostState)
        try hosts.raise(to: state)
        return .bytes(try key.signBytes(payload))
    }

    private func tls(_ bytes: [UInt8]) throws(SignerFault) -> SignerReply {
        let key = try key(.tlsRoot)
        guard case .p256(let secret) = key.secret else {
            throw SignerFault(.unknownKey, "the TLS root is not a P-256 key")
        }
        try keys.profile(.tlsRoot).checkTLS(bytes, root: secret.publicKey, now: now())
        try take(.tlsRoot)
        return .bytes(try key.signBytes(bytes))
    }

    private func isUserCA(_ trusted: PublicKey) -> Bool {
        keys.keys.contains { $0.role == .userCA && $0.state != .retired && $0.publicKey == trusted }
    }

    private func key(_ role: SignerRole) throws(SignerFault) -> VaultKey {
        guard let key = keys.signingKey(role) else {
            throw SignerFault(.unknownKey, "there is no signing key for \(role.rawValue)")
        }
        return key
    }

    private func take(_ role: SignerRole) throws(SignerFault) { try caps[role]?.take(now: ticks()) }

    private func recorded(
        _ role: SignerRole, _ bytes: [UInt8], serial: UInt64? = nil, isUnsettled: Bool = false,
        _ sign: () throws(SignerFault) -> SignerReply
    ) -> Answer {
        do {
            let reply = try sign()
            let record = SigningRecord(event: .signed, subject: role.rawValue, serial: serial, bytes: bytes)
            return Answer(reply: reply, record: record, isUnsettled: isUnsettled)
        } catch {
            let event = SigningRecord.Event.refused(code: error.code.rawValue, reason: error.reason)
            let record = SigningRecord(event: event, subject: role.rawValue, serial: serial, bytes: bytes)
            return Answer(reply: .fault(error), record: record)
        }
    }
}
