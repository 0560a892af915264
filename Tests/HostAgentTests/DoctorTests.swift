import Diagnosis
import FoundationEssentials
import Glibc
import Posix
import SSHFormats
import Testing

@testable import HostAgent

/// A host that is right, with each thing that can be wrong put wrong, and this sshd's own answers.
@Suite(.enabled(if: isHost)) struct `The doctor of a host` {
    /// A host after one good round, as if its agent were at work.
    private struct Patient {
        let host: TestHost
        let authority: FakeAuthority
        let post: AgentPost
        /// An account with a home of its own.
        let ann: PosixAccount

        init() async throws {
            host = try TestHost()
            authority = try FakeAuthority()
            ann = PosixAccount(name: "nobody", uid: 65_534, home: host.path + "/ann", shell: "/bin/sh")
            try FileTree.make(ann.home + "/.ssh")
            try host.record(authority).save(host.folder)
            _ = try AgentKey.loadOrMake(host.folder)
            _ = await host.keeper(authority).sync()
            try? DurableFile(host.folder.reloadDue).remove()
            post = try AgentPost(host.folder)
        }

        func findings(
            at time: UnixTime = FakeAuthority.time, system: String = "/nowhere",
            port: (any AuthorityPort)? = nil
        ) async -> [Finding] {
            let ann = self.ann
            return await HostExamination(
                settings: host.settings, now: { time }, system: system, accounts: { [ann] }
            ).all(asking: port ?? authority)
        }

        /// The codes of what is wrong.
        func wrong(at time: UnixTime = FakeAuthority.time) async -> [String] {
            await findings(at: time).filter(\.severity.isWrong).map(\.code)
        }
    }

    @Test func `finds nothing wrong where nothing is`() async throws {
        let patient = try await Patient()
        let findings = await patient.findings()
        #expect(FindingReport(findings).healthy, "\(findings.filter(\.severity.isWrong))")
        let good = Set(findings.filter { $0.severity == .good }.map(\.code))
        let looked: Set = [
            "enrolment", "authority", "clock", "state", "krl", "host-certificate", "drop-in", "agent",
            "connected",
            "sshd-version", "sshd-config", "authorized-keys", "permissions",
        ]
        #expect(looked.subtracting(good) == [])
    }

    @Test(
        arguments: [
            (-3_600, "clock-wrong"), (-61, "clock-wrong"), (-30, "clock-off"), (30, "clock-off"),
            (90, "clock-wrong"),
        ] as [(Int64, String)])
    func `N09 says by how much the clock is off, and what sets it`(
        _ offset: Int64, _ code: String
    ) async throws {
        let patient = try await Patient()
        let time = FakeAuthority.time.advanced(by: offset)
        let finding = try #require(await patient.findings(at: time).first { $0.code == code })
        #expect(finding.text.contains("\(offset.magnitude) s \(offset > 0 ? "ahead of" : "behind")"))
        #expect(finding.command == "timedatectl set-ntp true")
    }

    @Test func `tells each state that is not as it should be by its own code`() async throws {
        let patient = try await Patient()
        let later = { (seconds: Int64) in FakeAuthority.time.advanced(by: seconds) }
        #expect(await patient.wrong(at: later(7_200)).contains("state-old"))
        let stale = await patient.wrong(at: later(90_000))
        #expect(stale.contains("state-stale") && stale.contains("out-of-touch"))
        #expect(await patient.wrong(at: later(31 * 86_400)).contains("host-certificate-ended"))
        try DurableFile(patient.host.folder.userCA).write(Array("ssh-ed25519 AAAA\n".utf8), mode: 0o644)
        #expect(await patient.wrong().contains("set-damaged"))
    }

    @Test func `sees a drop-in that is gone, changed or foreign`() async throws {
        let patient = try await Patient()
        let file = DurableFile(patient.host.settings.dropIn)
        let good = try #require(patient.host.text(of: file.path))
        for (text, code) in [
            (good.replacing("user_ca.pub", with: "other.pub"), "ca-overridden"),
            (good + "X11Forwarding no\n", "drop-in-changed"), ("PermitRootLogin no\n", "drop-in-foreign"),
        ] {
            try file.write(Array(text.utf8), mode: 0o644)
            #expect(await patient.wrong().contains(code), "\(code)")
        }
        try file.remove()
        #expect(await patient.wrong().contains("drop-in-missing"))
        try file.write(Array(good.utf8), mode: 0o644)
        #expect(await patient.wrong() == [])
        try DurableFile(patient.host.folder.reloadDue).write([])
        #expect(await patient.wrong() == ["reload-due"])
    }

    @Test func `mends what sshd does not include by the command that it gives`() async throws {
        let patient = try await Patient()
        let main = try #require(patient.host.text(of: patient.host.settings.sshdConfig))
        let first = try #require(main.firstRange(of: "\n"))
        try patient.host.write("sshd_config", String(main[first.upperBound...]))
        let finding = try #require(await patient.findings().first { $0.code == "drop-in-not-included" })
        let command = try #require(finding.command?.split(separator: " && ").first)
        #expect(try Subprocess.run("/bin/sh", ["-c", String(command)]).status == 0)
        #expect(await patient.wrong() == [])
    }

    @Test(arguments: [
        ("PubkeyAuthentication no", "pubkey-off"), ("PasswordAuthentication yes", "password-logins"),
        ("KbdInteractiveAuthentication yes", "keyboard-interactive-logins"),
        ("TrustedUserCAKeys none", "ca-overridden"), ("RevokedKeys none", "revocation-overridden"),
        ("AuthorizedPrincipalsCommandUser root", "principals-overridden"),
        ("AuthorizedPrincipalsFile %h/.ssh/principals", "principals-file"),
        ("AuthorizedKeysCommand /usr/bin/true\nAuthorizedKeysCommandUser nobody", "keys-command"),
        ("CASignatureAlgorithms rsa-sha2-512", "ca-algorithm"),
        ("PubkeyAcceptedAlgorithms ssh-ed25519", "certificates-not-accepted"),
        ("HostbasedAuthentication yes", "hostbased-logins"), ("PermitEmptyPasswords yes", "empty-passwords"),
        ("AuthenticationMethods publickey,password\nPasswordAuthentication yes", "methods"),
        ("StrictModes no", "strict-modes-off"),
    ])
    func `sees what sshd really uses, for all and for those of a Match block`(
        _ lines: String, _ code: String
    ) async throws {
        let patient = try await Patient()
        let main = try #require(patient.host.text(of: patient.host.settings.sshdConfig))
        // Before ours and before the host's own.
        try patient.host.write("sshd_config", lines + "\n" + main)
        let general = try #require(await patient.findings().first { $0.code == code }, "\(code)")
        #expect(general.severity.isWrong)
        #expect(general.command?.contains("+1 \(patient.host.settings.sshdConfig)") == true, "\(general)")
        // StrictModes may not stand in a Match block.
        guard code != "strict-modes-off" else { return }
        for criteria in ["User nobody", "Address 10.1.2.0/24"] {
            try patient.host.write("sshd_config", main + "Match \(criteria)\n" + lines + "\n")
            let found = await patient.findings()
            let block = try #require(found.first { $0.code == "match-block" }, "\(criteria)")
            #expect(block.text.contains("Match \(criteria)"))
            let one = try #require(found.first { $0.code == code }, "\(code) \(criteria)")
            let whom = criteria.hasPrefix("User") ? "for nobody from 192.0.2.1" : "for nobody from 10.1.2.0"
            #expect(one.text.contains(whom), "\(one.text)")
        }
        // A block for others than those on this host is told as well.
        try patient.host.write("sshd_config", main + "Match User someone,else\n" + lines + "\n")
        let codes = await patient.wrong()
        #expect(Set(codes) == ["match-block"], "\(codes)")
    }

    @Test func `names every key and CA in files of accounts that would still let in`() async throws {
        let patient = try await Patient()
        let main = try #require(patient.host.text(of: patient.host.settings.sshdConfig))
        try patient.host.write(
            "sshd_config",
            main.replacing(
                "AuthorizedKeysFile none", with: "AuthorizedKeysFile .ssh/authorized_keys %h/%u-%U.keys"))
        #expect(await patient.wrong() == [])
        let keys = try (0..<5).map { _ in
            try PrivateKey.generate(.ed25519).publicKey.text(comment: "old laptop")
        }
        let lines = [
            "# remark", keys[0], "command=\"true\" \(keys[1])", "cert-authority \(keys[2])",
            "expiry-time=\"20200101\" \(keys[3])", "no-such-option \(keys[4])", "garbage",
        ]
        try write(lines, to: "/.ssh/authorized_keys", of: patient)
        let found = await patient.findings()
        let plain = try #require(found.first { $0.code == "authorized-keys" })
        #expect(plain.text.contains("nobody: 2 keys let in") && plain.text.contains("(old laptop)"))
        let authority = try #require(found.first { $0.code == "authorized-keys-ca" })
        #expect(authority.text.contains("line 4") && authority.severity == .failure)
        // Both are mended by what is said.
        for command in [authority.command, plain.command] {
            #expect(try Subprocess.run("/bin/sh", ["-c", try #require(command)]).status == 0)
        }
        #expect(await patient.wrong() == [])
        try write([keys[0]], to: "/nobody-65534.keys", of: patient)
        #expect(await patient.wrong() == ["authorized-keys"])
        // sshd reads no file that others may write.
        unsafe chmod(patient.ann.home, 0o777)
        #expect(await patient.wrong() == [])
        #expect(await patient.findings().contains { $0.code == "authorized-keys-unread" })
    }

    @Test func `is not held up by a FIFO, and not by a file without end`() async throws {
        let patient = try await Patient()
        let main = try #require(patient.host.text(of: patient.host.settings.sshdConfig))
        try patient.host.write(
            "sshd_config", main.replacing("AuthorizedKeysFile none", with: "AuthorizedKeysFile a b"))
        unsafe mkfifo(patient.ann.home + "/a", 0o644)
        unsafe symlink("/dev/zero", patient.ann.home + "/b")
        let unread = await patient.findings().filter { $0.code == "authorized-keys-unread" }
        #expect(unread.count == 2)
    }

    @Test func `gives the chmod for each file that others could change or read`() async throws {
        let patient = try await Patient()
        let folder = patient.host.folder
        for (path, mode, code) in [
            (folder.key, 0o644, "permissions"), (folder.enrolment, 0o604, "permissions"),
            (folder.path, 0o777, "path-unsafe"), (folder.path, 0o700, "path-closed"),
            (patient.host.settings.sshdConfig, 0o666, "path-unsafe"),
        ] as [(String, UInt32, String)] {
            unsafe chmod(path, mode)
            let finding = try #require(
                await patient.findings().first { $0.code == code && $0.text.contains(path) },
                "\(path) \(code)")
            #expect(try Subprocess.run("/bin/sh", ["-c", try #require(finding.command)]).status == 0)
            #expect(await patient.wrong() == [], "\(path) \(code)")
        }
    }

    @Test func `sees that no agent is at work, and what its last round said`() async throws {
        var patient: Patient? = try await Patient()
        let (host, authority) = (patient!.host, patient!.authority)
        patient = nil
        let examination = HostExamination(
            settings: host.settings, now: { FakeAuthority.time }, system: "/nowhere", accounts: { [] })
        #expect(
            await examination.all(asking: authority).filter(\.severity.isWrong).map(\.code) == [
                "agent-not-running"
            ])
        let round = LastRound(
            at: FakeAuthority.time.seconds, lastContact: FakeAuthority.time.seconds,
            faults: [Fault("sshd-reload", "systemctl ended with 1")])
        try round.save(host.folder)
        let found = await examination.all(asking: authority)
        #expect(found.contains { $0.code == "sshd-reload" && $0.text.contains("systemctl ended with 1") })
    }

    @Test func `hints at SELinux and AppArmor where they are`() async throws {
        let patient = try await Patient()
        try FileTree.make(patient.host.path + "/sys/fs/selinux")
        try FileTree.make(patient.host.path + "/sys/kernel/security/apparmor")
        try patient.host.write("sys/fs/selinux/enforce", "1")
        try patient.host.write(
            "sys/kernel/security/apparmor/profiles", "lxc-container (enforce)\n/usr/sbin/sshd (enforce)\n")
        let found = await patient.findings(system: patient.host.path + "/sys")
        let selinux = try #require(found.first { $0.code == "selinux" })
        #expect(selinux.command?.contains("restorecon -Rv \(patient.host.folder.path)") == true)
        #expect(found.first { $0.code == "apparmor" }?.text.contains("/usr/sbin/sshd") == true)
        #expect(FindingReport(found).healthy)
    }

    @Test func `says on a host that is not enrolled what to do first`() async throws {
        let host = try TestHost()
        let findings = await HostExamination(
            settings: host.settings, now: { FakeAuthority.time }, system: "/nowhere", accounts: { [] }
        ).all(asking: nil)
        #expect(findings.first?.code == "not-enrolled")
        #expect(findings.first?.command?.hasPrefix("reeve-agent enrol --data \(host.path)/data ") == true)
        #expect(findings.allSatisfy { !$0.severity.isWrong || $0.command != nil || $0.advice != nil })
    }

    private func write(_ lines: [String], to name: String, of patient: Patient) throws {
        try DurableFile(patient.ann.home + name).write(
            Array((lines.joined(separator: "\n") + "\n").utf8), mode: 0o644)
    }
}
