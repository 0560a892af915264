import Foundation
import Posix
import SSHFormats
import Testing

/// `ssh` to the front door from stock OpenSSH, with nothing of ours on the client's side.
@Suite(.servers) struct `The front door` {
    static let policy = """
        grants:
          - {name: admins, who: [boss], to: [authority], as: [admin]}
          - {name: staging, who: [group:all], to: [label:env=staging], as: [daemon], for: 2h, door: true}
          - {name: prod, who: [group:all], to: [label:env=prod], as: [root]}
        """

    static func open(_ people: [String], _ more: [String] = []) async throws -> FrontDoor {
        let door = try await FrontDoor(more)
        for name in people { try await door.person(name) }
        let text = "groups: {all: [\(people.joined(separator: ", "))]}\n" + policy
        let applied = try await door.house.reeve(
            "policy", "apply", try door.house.scratch.write(text, to: "policy.yaml"))
        guard applied.status == 0 else { throw Failure("policy: \(applied.errors)") }
        for (host, label) in [("web1.example.com", "env=staging"), ("db1.example.com", "env=prod")] {
            let added = try await door.house.reeve("host", "add", host, "--label", label, "--link-only")
            guard added.status == 0 else { throw Failure("host: \(added.errors)") }
        }
        return door
    }

    @Test(.timeLimit(.minutes(20))) func `answers who, where and why, after the whole sign-in`() async throws
    {
        let door = try await Self.open(["ann", "ben", "cat", "dan"])
        let who = try await door.ssh("ann", ["whoami"])
        #expect(who.status == 0, "\(who.errors)")
        #expect(who.output.hasPrefix("identity: ann\nfactors: password totp\n"), "\(who.output)")
        let hosts = try await door.ssh("ben", ["hosts"])
        #expect(hosts.status == 0, "\(hosts.errors)")
        #expect(hosts.output.contains("daemon@web1.example.com  grant staging, scope day\n"))
        #expect(
            hosts.output.contains("root@db1.example.com  grant prod, scope day  missing: door-not-granted\n"))
        let why = try await door.ssh("cat", ["explain", "root@db1.example.com"])
        #expect(why.status == 1, "\(why.errors)")
        #expect(why.output.contains("does not say `door: true`"))
        let unknown = try await door.ssh("dan", ["uptime"])
        #expect(unknown.status == 2)
        #expect(unknown.output.isEmpty && unknown.errors.contains("ssh -A DOOR"))
        let wrong = try await door.ssh("ann", ["whoami"], password: "canary-wrong-password")
        #expect(wrong.status == 255)
        let logs = door.log + door.house.scratch.text("log")
        for secret in ["canary-wrong-password", "correct horse", "\"name\""] {
            #expect(!logs.contains(secret))
        }
    }

    @Test(.timeLimit(.minutes(20)), .enabled(if: ProcessHardening.isRoot, "sshd needs root"))
    func `puts a key and a certificate into the agent, which a real sshd takes`() async throws {
        let door = try await Self.open(["ann"])
        let host = try await EnrolledHost(
            door.house, name: "web2.example.com", labels: ["env=staging"], login: "daemon")
        let agent = try await OwnAgent()
        let entered = try await door.ssh("ann", options: ["-A", "-b", "127.0.0.3"], agent: agent.socket)
        #expect(entered.status == 0, "\(entered.errors)")
        #expect(entered.output.contains(": daemon by grant staging until "), "\(entered.output)")
        #expect(entered.output.contains("daemon@env=staging; in your ssh-agent until then"))
        let lines = try await agent.lines()
        #expect(lines.count == 2)
        let line = try #require(lines.first { $0.contains("-cert-") })
        let certificate = try Certificate(text: line)
        #expect(certificate.keyID.hasPrefix("ann/"))
        #expect(certificate.principals?.names == ["daemon@env=staging"])
        #expect(!lines.contains { $0.contains("prod") })

        let login = try await Program.run(
            "/usr/bin/ssh",
            [
                "-F", "none", "-p", "\(host.port)", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null", "daemon@127.0.0.1", "true",
            ], environment: ["SSH_AUTH_SOCK": agent.socket])
        #expect(login.status != 255, "\(login.errors)")

        let export = door.house.scratch.path("export")
        #expect(try await door.house.reeve("audit", "export", export).status == 0)
        let events = door.house.scratch.text("export").split(separator: "\n").compactMap { line in
            line.hasPrefix("event\t")
                ? Data(base64Encoded: String(line.split(separator: "\t").last ?? "")).map {
                    String(decoding: $0, as: UTF8.self)
                } : nil
        }
        let issued = try #require(events.first { $0.contains("certificate.issued") && $0.contains("ann") })
        #expect(issued.contains("\"origin\":\"door\""), "\(issued)")
        #expect(issued.contains("\"source\":\"127.0.0.3\""), "\(issued)")
        #expect(events.contains { $0.contains("sign-in.done") && $0.contains("127.0.0.3") })
    }

    @Test(.timeLimit(.minutes(20))) func `signs a key whose private half never travels`() async throws {
        let door = try await Self.open(["ann", "ben", "cat"])
        let line = try PrivateKey.generate(.ed25519).publicKey.text(comment: "mine")
        let signed = try await door.ssh("ann", ["sign"], input: line + "\n")
        #expect(signed.status == 0, "\(signed.errors)")
        let certificate = try Certificate(text: signed.output)
        #expect(certificate.publicKey == (try PublicKey(text: line)))
        #expect(signed.errors.contains("daemon by grant staging until"))
        let refused = try await door.ssh(
            "ben", ["sign", "--grant", "prod", "--as", "root"], input: line + "\n")
        #expect(refused.status == 1 && refused.output.isEmpty)
        #expect(refused.errors.contains("door-not-granted"), "\(refused.errors)")
        let nothing = try await door.ssh("cat", ["sign"], input: "no key\n")
        #expect(nothing.status == 2 && nothing.output.isEmpty)
    }
}
