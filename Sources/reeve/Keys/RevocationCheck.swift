import ArgumentParser
import AuthorityAPI
import AuthorityClient
import CPosix
import Glibc
import Posix
import SSHFormats

/// Notices that a certificate which looks good was revoked, without a login that waits for the authority: the question is
/// asked by a process of its own, beside ssh. Hosts refuse that login; the next one finds no certificate and fetches one.
struct RevocationCheck {
    let state: StateFolder

    /// Seconds between two questions of one device.
    private static let pause: Int64 = 5
    /// Seconds between two questions what can be reached, beside those before a fetch.
    private static let reachPause: Int64 = 300
    private static let reachMarker = "reach-asked"
    /// Its time says when the authority was last asked.
    private static let marker = "revocations-asked"

    /// Starts the process, if the last question is a while ago. What goes wrong with it is no reason not to go on.
    func start(_ stem: String) {
        guard isDue(Self.marker, every: Self.pause), let program = try? CurrentProcess.executable() else {
            return
        }
        // A pipe that somebody reads to its end must not wait for us; only a person at a terminal is told.
        let silence =
            isatty(STDERR_FILENO) == 1 ? -1 : unsafe posix_open("/dev/null", O_WRONLY | O_CLOEXEC, 0)
        defer { if silence >= 0 { close(silence) } }
        let words = [program, "check-held", stem]
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer {
            while let text = unsafe arguments.popLast() { unsafe free(text) }
        }
        var pid: pid_t = 0
        _ = unsafe posix_start(program, &arguments, silence, &pid)
    }

    private func isDue(_ marker: String, every pause: Int64) -> Bool {
        let path = state.path + "/" + marker
        var status = stat()
        if unsafe stat(path, &status) == 0 {
            let age = Int64(clamping: WallClock.now()) - Int64(status.st_mtim.tv_sec)
            guard !(0..<pause).contains(age) else { return false }
        }
        let number = unsafe posix_open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard number >= 0 else { return false }
        defer { close(number) }
        return futimens(number, nil) == 0
    }

    /// Asks for what is revoked and forgets the certificate if it is among it, or is not whole. Asks also what can be reached
    /// where the last answer is a while ago.
    func run(_ stem: String) async throws {
        let held = try HeldCertificates(state)
        guard let certificate = try held.certificate(named: stem) else {
            var agent = KeyAgent()
            return try held.discard(stem, agent: &agent)
        }
        try await forgetIfRevoked(certificate, stem, held)
        guard isDue(Self.reachMarker, every: Self.reachPause), try state.session() != nil else { return }
        _ = try await state.signedIn { try await CertificateFetch(state, $0).refreshedReach() }
    }

    private func forgetIfRevoked(
        _ certificate: Certificate, _ stem: String, _ held: HeldCertificates
    ) async throws {
        let (bytes, _) = try await state.connected(try state.device()) { connection in
            try await connection.bytes(.userKRL)
        }
        guard try KRL(bytes: bytes).revokes(certificate) else { return }
        var agent = KeyAgent()
        try held.discard(stem, agent: &agent)
        Output.warn(
            "certificate \(certificate.serial) was revoked; the next ssh asks for another one")
    }
}

/// `reeve check-held`, for ``RevocationCheck`` alone.
struct CheckHeldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "check-held", shouldDisplay: false)

    @Argument(help: "The certificate's file name without endings.") var stem: String

    func run() async throws {
        do { try await RevocationCheck(state: try StateFolder()).run(stem) } catch { throw ExitCode.failure }
    }
}
