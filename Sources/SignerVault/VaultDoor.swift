import Posix
import SignerProtocol
import Synchronization

/// The vault behind the socket: open from the start, or sealed until somebody brings the key file.
///
/// While it is sealed it says which keys there are, and answers everything else with
/// ``SignerFault/Code/sealed``.
package final class VaultDoor: Sendable {
    private let opened: Mutex<Vault?>
    private let sealed: Sealed?

    private struct Sealed: Sendable {
        let folder: VaultFolder
        let greeting: SignerGreeting
        let now: @Sendable () -> UInt64
    }

    /// A vault that is open.
    package init(_ vault: Vault) {
        opened = Mutex(vault)
        sealed = nil
    }

    /// A folder whose key file is not here.
    ///
    /// - Parameter now: Wall clock, seconds since 1970 UTC.
    package init(
        sealed folder: VaultFolder, now: @escaping @Sendable () -> UInt64
    ) throws(VaultError) {
        let greeting = SignerGreeting(
            version: SignerRequest.version,
            instance: try VaultError.wrap { () throws(PosixError) in try secureRandom(16) },
            keys: try folder.publicKeys())
        opened = Mutex(nil)
        sealed = Sealed(folder: folder, greeting: greeting, now: now)
    }

    /// - Parameter peer: User at the other end of the socket.
    func answer(_ request: SignerRequest, from peer: UInt32) -> Vault.Answer {
        if case .unlock(let key) = request { return unlock(key, peer) }
        if let vault = opened.withLock({ $0 }) { return vault.answer(request) }
        if case .hello(let version) = request, version == SignerRequest.version, let sealed {
            return Vault.Answer(reply: .hello(sealed.greeting))
        }
        return Self.refused(request.subject, SignerFault(.sealed, "the keys are sealed: unlock the signer"))
    }

    func settle() throws(SignerFault) { try opened.withLock { $0 }?.settle() }

    /// The server may only ask for signatures: what it may ask for is decided by whoever has the key file.
    private func unlock(_ key: UnlockKey, _ peer: UInt32) -> Vault.Answer {
        guard peer == ProcessHardening.currentUID else {
            return Self.refused("unlock", SignerFault(.notAdmitted, "only the signer's own user unlocks it"))
        }
        do throws(SignerFault) {
            try open(key)
            return Vault.Answer(reply: .unlocked, record: SigningRecord(event: .unlocked, subject: "unlock"))
        } catch {
            return Self.refused("unlock", error)
        }
    }

    /// Opens the files; no error where they are open already.
    private func open(_ key: UnlockKey) throws(SignerFault) {
        let result: Result<Void, SignerFault> = opened.withLock { opened in
            guard opened == nil, let sealed else { return .success(()) }
            do throws(VaultError) {
                let files = VaultFiles(sealed.folder, key: try KeyFile(key.bytes, from: "unlock"))
                opened = try Vault(files, now: sealed.now)
                return .success(())
            } catch {
                return .failure(Self.fault(error))
            }
        }
        try result.get()
    }

    private static func fault(_ error: VaultError) -> SignerFault {
        switch error {
        case .keyFile, .notOurs:
            SignerFault(.wrongKey, "this key does not open the files, or they are damaged")
        case .posix, .notPrepared, .alreadyPrepared, .missing, .profile, .cryptography:
            SignerFault(.unavailable, "\(error)")
        }
    }

    private static func refused(_ subject: String, _ fault: SignerFault) -> Vault.Answer {
        let event = SigningRecord.Event.refused(code: fault.code.rawValue, reason: fault.reason)
        return Vault.Answer(reply: .fault(fault), record: SigningRecord(event: event, subject: subject))
    }
}

extension SignerRequest {
    /// What the log calls it.
    var subject: String {
        switch self {
        case .certificate(let role, _), .prepareKey(let role), .adoptKey(let role, _),
            .promoteKey(let role, _), .retireKey(let role, _):
            role.rawValue
        case .checkpoint, .checkpointHead: SignerRole.checkpoint.rawValue
        case .hostState: SignerRole.hostState.rawValue
        case .tls: SignerRole.tlsRoot.rawValue
        case .hello, .unlock: "connection"
        }
    }
}
