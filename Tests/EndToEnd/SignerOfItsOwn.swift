import Foundation
import Posix

/// A signer that somebody else starts, as in the packaged install: a user of its own, sealed until unlocked.
final class SignerOfItsOwn: Sendable {
    static let user = "daemon"

    let scratch: Scratch
    private let running = Running()

    var folder: String { scratch.path("signer") }
    var key: String { scratch.path("signer/signer.key") }
    var socket: String { scratch.path("run/signer.sock") }
    var pid: Int32 { running.pid }
    var log: String { scratch.text("signer.log") }

    /// Makes the keys and starts it, sealed.
    init() async throws {
        scratch = Scratch()
        for folder in ["signer", "run"] {
            try await run("/usr/bin/install", ["-d", "-m", "755", "-o", Self.user, scratch.path(folder)])
        }
        try await run(
            "/usr/bin/setpriv",
            ["--reuid", Self.user, "--clear-groups", Program.path("reeve-signer"), "init", "--data", folder]
                + ["--key-file", key])
        try await start()
    }

    deinit { running.kill() }

    func start() async throws {
        try running.start(
            Program.path("reeve-signer"),
            ["serve", "--data", folder, "--socket", socket, "--user", Self.user, "--allow-user", "nobody"],
            log: scratch.path("signer.log"))
        try await until("the signer listens") {
            (try? UnixConnection.connect(self.socket)) != nil
        }
    }

    func kill() async throws {
        Foundation.kill(pid, SIGKILL)
        try await until("the signer is gone") { !self.running.isRunning }
    }

    func unlock(with key: String? = nil) async throws -> Program.Ending {
        try await Program.run(
            "reeve-signer",
            ["unlock", "--socket", socket, "--user", Self.user, "--key-file", key ?? self.key])
    }

    private func run(_ program: String, _ arguments: [String]) async throws {
        let ending = try await Program.run(program, arguments)
        guard ending.status == 0 else { throw Failure("\(program) \(arguments): \(ending.errors)") }
    }
}
