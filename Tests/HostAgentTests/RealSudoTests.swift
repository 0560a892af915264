import FoundationEssentials
import Glibc
import Posix
import SSHFormats
import Synchronization
import Testing

@testable import HostAgent

/// Real sshd, ssh and sudo, whose people, rules and PAM stacks are the test's (Tests/PAM/with-sudo.sh).
@Suite(.servers, .enabled(if: RealSudo.isPossible)) struct `With a real sudo` {
    @Test(.timeLimit(.minutes(20)))
    func `a login by certificate may act, silently, until it is revoked in the session that is open`() throws
    {
        let real = try RealSudo()
        try real.logIn("deploy", serial: 7)
        // The account phase alone, for NOPASSWD; then both, where nothing else would be asked.
        for command in ["sudo id -u", "sudo -n id -u", "sudo whoami </dev/null", "sudo -n whoami"] {
            let inside = try real.ssh("deploy", command)
            #expect(
                inside.status == 0 && ["0\n", "root\n"].contains(inside.outputText), "\(inside.complaint)")
            #expect(inside.errors.isEmpty, "\(command): \(inside.complaint)")
        }
        #expect(real.host.sessions.all.map(\.login) == ["deploy"])
        try real.host.install(version: 2, at: real.time, revoking: [7])
        for command in ["sudo id -u", "sudo -n id -u", "sudo whoami </dev/null", "sudo -n whoami"] {
            let refused = try real.ssh("deploy", command)
            #expect(refused.status != 0 && refused.output.isEmpty)
            #expect(
                String(decoding: refused.errors, as: UTF8.self).contains("has been revoked"), "\(command)")
        }
        // With another certificate he may again, and the session that is open may not.
        try real.logOut("deploy")
        try real.logIn("deploy", serial: 8)
        #expect(try real.ssh("deploy", "sudo -n whoami").outputText == "root\n")
    }

    @Test(.timeLimit(.minutes(20)), .enabled(if: RealSudo.hasAuditSessions))
    func `what has left its ancestors, as tmux and mosh do, is found again by its audit session`() throws {
        let real = try RealSudo()
        try real.logIn("deploy", serial: 7)
        let box = real.box
        // A process of its own session, whose parent ends at once and whose connection goes.
        let line = """
            setsid sh -c 'while [ ! -e \(box)/go ]; do sleep 0.05; done; grep PPid /proc/$$/status >\(box)/parent
            sudo -n whoami >\(box)/first 2>&1; echo >\(box)/first.done
            while [ ! -e \(box)/again ]; do sleep 0.05; done; sudo -n whoami >\(box)/second 2>&1; echo >\(box)/second.done' \
            </dev/null >/dev/null 2>&1 & exit 0
            """
        #expect(try real.ssh("deploy", line).status == 0)
        try real.logOut("deploy")
        #expect(real.wait { real.host.sessions.all.first?.closedAt != nil })
        try DurableFile(box + "/go").write([], mode: 0o644)
        #expect(real.wait { FileTree.exists(box + "/first.done") })
        #expect(real.text("first") == "root\n")
        let sshd = real.host.sessions.all.first?.process.pid ?? 0
        #expect(!real.text("parent").contains("\(sshd)"))
        try real.host.install(version: 2, at: real.time, revoking: [7])
        try DurableFile(box + "/again").write([], mode: 0o644)
        #expect(real.wait { FileTree.exists(box + "/second.done") })
        #expect(real.text("second").contains("has been revoked"))
    }

    @Test(.timeLimit(.minutes(20)))
    func `M05 who is not the login of the session may not act in it, nor another name of root`() throws {
        let real = try RealSudo()
        try real.logIn("deploy", serial: 7)
        let other = try real.ssh("deploy", "sudo -n -u other sudo -n whoami")
        #expect(other.status != 0 && other.outputText.isEmpty)
        #expect(String(decoding: other.errors, as: UTF8.self).contains("this session is deploy's"))
        // A certificate for another name of root is bound to nothing.
        try real.logIn("toor", serial: 8)
        #expect(try real.ssh("toor", "id -u").outputText == "0\n")
        #expect(real.host.sessions.all.map(\.login) == ["deploy"])
    }

    @Test(.timeLimit(.minutes(20)))
    func `M04 without the module, without the agent and with a sufficient line, what is written happens`()
        throws
    {
        let real = try RealSudo()
        try real.logIn("deploy", serial: 7)
        let line = "\(real.host.module) socket=\(real.host.socket)"
        let missing = "\(real.host.path)/missing.so"
        let nobody = "\(real.host.module) socket=\(real.host.path)/agent/nobody.sock"
        // The stack of sudo's authentication; whether it lets act.
        let stacks: [(String, Bool)] = [
            ("auth required \(line)", true),
            ("auth required \(missing)", false),
            ("auth required \(nobody)", false),
            ("auth sufficient \(line)\nauth required pam_deny.so", true),
            ("auth sufficient \(nobody)\nauth required pam_deny.so", false),
            ("auth sufficient \(missing)\nauth required pam_deny.so", false),
            (
                "auth [success=1 default=ignore] \(line)\nauth requisite pam_deny.so\nauth required pam_permit.so",
                true
            ),
            (
                "auth [success=1 default=ignore] \(nobody)\nauth requisite pam_deny.so\nauth required pam_permit.so",
                false
            ),
            (
                "auth [success=1 default=ignore] \(missing)\nauth requisite pam_deny.so\nauth required pam_permit.so",
                false
            ),
            ("auth [success=done default=die] \(line)", true),
            ("auth [success=done default=die] \(nobody)\nauth required pam_permit.so", false),
        ]
        for (stack, lets) in stacks {
            try real.write("\(stack)\naccount required pam_permit.so\n", to: "pam.d/sudo")
            let ending = try real.ssh("deploy", "sudo -n whoami")
            #expect((ending.status == 0) == lets, "\(stack): \(ending.complaint)")
        }
        // With NOPASSWD nothing but the account phase asks.
        try real.write("auth required \(nobody)\naccount required \(line)\n", to: "pam.d/sudo")
        #expect(try real.ssh("deploy", "sudo -n id -u").outputText == "0\n")
        try real.write("auth required \(line)\naccount required \(nobody)\n", to: "pam.d/sudo")
        #expect(try real.ssh("deploy", "sudo -n id -u").status != 0)
    }

    @Test(.timeLimit(.minutes(20)))
    func `M06 a hundred at a time act, and the process that asks is left as it was`() throws {
        let real = try RealSudo()
        try real.logIn("deploy", serial: 7)
        let many = try real.ssh(
            "deploy", "for n in $(seq 100); do sudo -n id -u & done | sort | uniq -c; wait", seconds: 300)
        #expect(many.outputText.split(separator: " ").map { $0.filter(\.isNumber) } == ["100", "0"])
        #expect(many.errors.isEmpty, "\(many.complaint)")
    }
}
