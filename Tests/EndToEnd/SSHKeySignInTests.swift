import Foundation
import SSHFormats
import Testing

/// `reeve factor ssh-key` and a sign-in with a key that a real ssh-agent holds.
@Suite(.servers) struct `An ssh key of an agent` {
    @Test(.timeLimit(.minutes(20))) func `signs in once it is registered, beside the authenticator`()
        async throws
    {
        let house = try await Installation(
            configuration: """
                [sign_in]
                ways = ["password+totp", "sshkey+totp"]
                """)
        try await house.enrolAdmin()
        let agent = try await Agent(house.scratch)
        let key = house.scratch.path("id")
        let made = try await Program.run(
            "/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "boss", "-f", key])
        #expect(made.status == 0, "\(made.errors)")
        let none = try await house.reeve(["factor", "ssh-key"], agent: agent.socket)
        #expect(none.status == 2 && none.errors.contains("holds 0 keys"), "\(none)")
        #expect(
            try await Program.run(
                "/usr/bin/ssh-add", ["-q", key], environment: ["SSH_AUTH_SOCK": agent.socket]
            ).status == 0)

        let login = ["login", "--no-certificates", "--with", "sshkey+totp", "-k", "\(key).pub"]
        let totp = ["--totp-secret-file", house.scratch.path("boss.totp")]
        let early = try house.scratch.write("totp=auto\n", to: "early")
        let unknown = try await house.reeve(login + totp + ["--answers-file", early], agent: agent.socket)
        #expect(unknown.status == 1 && unknown.errors.contains("sign-in-failed"), "\(unknown)")

        let registered = try await house.reeve(["factor", "ssh-key"], agent: agent.socket)
        #expect(registered.status == 0 && registered.output.contains("SHA256:"), "\(registered)")
        let answers = try house.scratch.write("totp=auto+1\n", to: "later")
        let signed = try await house.reeve(login + totp + ["--answers-file", answers], agent: agent.socket)
        #expect(signed.status == 0 && signed.output.contains("Signed in as boss"), "\(signed)")
        let whoami = try await house.reeve("whoami", "--json")
        #expect(whoami.output.contains("sshkey") && !whoami.output.contains("password"), "\(whoami)")
        #expect(whoami.output.contains("key-added"), "\(whoami)")
        let keys = try await house.reeve("keys", "list")
        #expect(keys.output.contains("factor"), "\(keys)")

        let wrong = try await house.reeve(["login", "--with", "pam"], agent: agent.socket)
        #expect(wrong.status == 1 && wrong.errors.contains("password+totp, sshkey+totp"), "\(wrong)")
    }
}

/// An ssh-agent that ends with the test.
private final class Agent: Sendable {
    let socket: String
    private let running = Running()

    init(_ scratch: Scratch) async throws {
        let socket = scratch.path("agent")
        self.socket = socket
        try running.start("/usr/bin/ssh-agent", ["-D", "-a", socket], log: scratch.path("agent.log"))
        try await until("the agent listens") { FileManager.default.fileExists(atPath: socket) }
    }

    deinit { running.kill() }
}
