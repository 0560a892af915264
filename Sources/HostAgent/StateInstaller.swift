package import AuthorityAPI
import HostDocuments
import Names
import Posix
package import SSHFormats

/// Puts host states in force, and never a worse one: whatever is wrong with an offered state, the last good set stays.
package struct StateInstaller: Sendable {
    package enum Change: Hashable, Sendable { case unchanged, replaced }

    private let settings: AgentSettings
    private let host: String
    private let key: PublicKey
    private var folder: AgentFolder { settings.folder }

    package init(settings: AgentSettings, host: String, key: PublicKey) {
        self.settings = settings
        self.host = host
        self.key = key
    }

    /// Verifies what the server sent and puts it in force.
    ///
    /// - Throws: ``Fault`` of a ``StateFault``, or `file`.
    package func install(_ reply: HostStateReply, at now: UnixTime) throws(Fault) -> Change {
        let verifier = StateVerifier(host: host, key: key, held: try HighWater.load(folder, key: key))
        let verified: VerifiedState
        do throws(StateFault) {
            verified = try verifier.verify(reply, at: now)
            try checkWithOpenSSH(verified.krlBytes)
        } catch {
            throw error.fault
        }
        let files = try Self.files(of: verified)
        guard !SetStore(folder: folder).holds(files) else { return .unchanged }
        try HighWater.save(verified.version, folder, key: key)
        try SetStore(folder: folder).install(files, named: verified.version.description)
        return .replaced
    }

    /// The state in force, verified once more, its KRL included; nil where there is none.
    ///
    /// - Throws: ``Fault`` `set-damaged`.
    package func held() throws(Fault) -> VerifiedState? {
        let store = SetStore(folder: folder)
        guard FileTree.exists(folder.current) else { return nil }
        guard let bytes = store.read(.signedState, limit: HostState.limit + 80),
            let krl = store.read(.revokedKeys, limit: KRL.limit)
        else { throw Fault("set-damaged", "\(folder.current) is not whole; the next state repairs it") }
        do {
            let verifier = StateVerifier(host: host, key: key, held: nil)
            let verified = try verifier.verify(SignedHostState(decoding: bytes), krl: krl, at: UnixTime(0))
            guard store.holds(try Self.files(of: verified)) else {
                throw Fault("set-damaged", folder.current)
            }
            return verified
        } catch {
            throw Fault("set-damaged", "\(folder.current) was changed by somebody; the next state repairs it")
        }
    }

    /// OpenSSH reads a KRL more strictly than its own writer: it has the last word before sshd meets the file. Where there is
    /// no ssh-keygen, our own reader was as strict already.
    private func checkWithOpenSSH(_ krl: [UInt8]) throws(StateFault) {
        guard FileTree.exists(settings.sshKeygen) else { return }
        let outcome: Subprocess.Outcome
        do throws(PosixError) {
            try FileTree.make(folder.ssh)
            let candidate = DurableFile(folder.ssh + "/candidate.krl")
            try candidate.write(krl, mode: 0o600)
            outcome = try Subprocess.run(settings.sshKeygen, ["-Q", "-f", candidate.path])
            try candidate.remove()
        } catch {
            throw .refusedKRL("\(error)")
        }
        guard outcome.status == 0 else { throw .refusedKRL(outcome.complaint) }
    }

    private static func files(of verified: VerifiedState) throws(Fault) -> [SetFile: [UInt8]] {
        let keys = verified.state.userCAKeys.map { $0.text(comment: "keyreeve user CA") + "\n" }.joined()
        return [
            .userCA: Array(keys.utf8),
            .revokedKeys: verified.krlBytes,
            .principalFacts: Array(try facts(of: verified.state).text.utf8),
            .signedState: verified.signed.encoded,
        ]
    }

    private static func facts(of state: HostState) throws(Fault) -> PrincipalFacts {
        do {
            let labels = try state.labels.map { text throws(NameError) in try Label(text) }
            return PrincipalFacts(host: try Name(host: state.host), labels: labels)
        } catch {
            throw Fault("state-malformed", "a name that principals cannot have: it \(error)")
        }
    }
}
