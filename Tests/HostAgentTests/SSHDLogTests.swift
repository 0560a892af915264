import Diagnosis
import Posix
import SSHFormats
import Testing

@testable import HostAgent

/// Every reason that is known is held against what this sshd logs when it happens: no message is pasted.
@Suite(.servers, .enabled(if: isHost), .timeLimit(.minutes(20))) struct `What sshd logs` {
    private static let asks =
        "AuthorizedPrincipalsCommand @/principals %u\nAuthorizedPrincipalsCommandUser nobody"

    private typealias Attempt = LoggingSSHD.Attempt

    @Test(arguments: ["INFO", "VERBOSE", "DEBUG2"])
    func `about certificates says why, at each level`(_ level: String) async throws {
        let sshd = try await LoggingSSHD(Self.asks, level: level)
        let good = ["root@web1"]
        try await sshd.expect("certificate-expired", of: Attempt(principals: good, validity: -7_200...(-60)))
        try await sshd.expect(
            "certificate-not-yet-valid", of: Attempt(principals: good, validity: 600...1_200))
        let revoked = try await sshd.expect("certificate-revoked", of: Attempt(principals: good, serial: 66))
        #expect(revoked?.reason.contains("\(sshd.path)/revoked.krl") == true)
        try await sshd.expect("principal-missing", of: Attempt(principals: ["root@web2", "root"]))
        let from = try CriticalOptions(sourceAddress: SourceAddresses(text: "10.0.0.0/8"))
        let address = try await sshd.expect(
            "address-not-permitted", of: Attempt(principals: good, options: from))
        #expect(address?.address == "127.0.0.1" && address?.user == "root")
        let other = try PrivateKey.generate(.ed25519)
        let stranger = Attempt(principals: good, serial: 7, signer: other)
        // What sshd does not log cannot be told; then that is said.
        let untrusted = ["INFO": "gave-up", "VERBOSE": "certificate-refused", "DEBUG2": "ca-untrusted"]
        let reading = try await sshd.expect(untrusted[level] ?? "", of: stranger)
        if level != "INFO" {
            #expect(reading?.caFingerprint == other.publicKey.fingerprint.description)
        }
        if level == "VERBOSE" {
            #expect(
                reading?.serial == 7 && reading?.keyID == "alice/grant:staging" && reading?.user == "root")
        }
        let accepted = try await sshd.expect("accepted", of: Attempt(principals: good, serial: 9))
        #expect(accepted?.outcome == .succeeded && accepted?.serial == 9)
    }

    @Test func `about principals, where nobody is asked for them`() async throws {
        let sshd = try await LoggingSSHD()
        try await sshd.expect("principal-not-listed", of: Attempt(principals: ["ann"]))
    }

    @Test(arguments: [
        (
            "AuthorizedPrincipalsCommand @/fails %u\nAuthorizedPrincipalsCommandUser nobody",
            "principals-command-failed"
        ),
        (
            "AuthorizedPrincipalsCommand @/open-to-all %u\nAuthorizedPrincipalsCommandUser nobody",
            "principals-command-unsafe"
        ),
        (
            "AuthorizedPrincipalsCommand @/none %u\nAuthorizedPrincipalsCommandUser nobody",
            "principals-command-missing"
        ),
        (
            "AuthorizedPrincipalsCommand @/principals %u\nAuthorizedPrincipalsCommandUser nosuch",
            "principals-command-user"
        ),
        ("RevokedKeys @/missing.krl", "krl-unreadable"),
        ("CASignatureAlgorithms rsa-sha2-512", "ca-algorithm"),
    ])
    func `about a host that is not as it should be`(_ lines: String, _ code: String) async throws {
        let reading = try await LoggingSSHD(lines).expect(code, of: Attempt(principals: ["root@web1"]))
        if code == "principals-command-failed" { #expect(reading?.reason.contains("status 3") == true) }
    }

    @Test func `about accounts`() async throws {
        let sshd = try await LoggingSSHD("DenyUsers daemon")
        for (user, code) in [
            ("nobodyhere", "user-unknown"), ("locked", "account-locked"), ("noshell", "shell-missing"),
            ("badshell", "shell-missing"), ("daemon", "user-not-listed"), ("loose", "files-unsafe"),
        ] {
            let reading = try await sshd.expect(code, of: Attempt(user: user, isCertified: false))
            #expect(reading?.reason.contains(user) == true, "\(code)")
        }
    }

    @Test(arguments: [
        ("AllowUsers root", "ann"), ("AllowGroups nosuch", "ann"), ("DenyGroups nogroup", "ann"),
    ])
    func `about accounts that are not listed`(_ line: String, _ user: String) async throws {
        try await LoggingSSHD(line).expect("user-not-listed", of: Attempt(user: user, isCertified: false))
    }

    @Test func `about a host that is closed`() async throws {
        let sshd = try await LoggingSSHD(files: ["nologin": "later\n"])
        try await sshd.expect("host-closed", of: Attempt(user: "ann", isCertified: false))
    }

    @Test(arguments: [
        ("account required pam_unix.so", "session required pam_permit.so", "gone", "pam-account", "gone"),
        ("account required pam_deny.so", "session required pam_permit.so", "root", "pam-account", "root"),
        (
            "account required pam_permit.so", "session required pam_deny.so", "root", "pam-session",
            "Cannot make"
        ),
    ])
    func `about PAM`(
        _ account: String, _ session: String, _ user: String, _ code: String, _ word: String
    ) async throws {
        let stack = "auth required pam_permit.so\n\(account)\n\(session)\n"
        let sshd = try await LoggingSSHD("UsePAM yes", files: ["pam.d/sshd": stack])
        let reading = try await sshd.expect(code, of: Attempt(user: user, principals: [user]))
        #expect(reading?.reason.contains(word) == true)
    }

    @Test func `about clients that offer too much, or what nobody takes`() async throws {
        let sshd = try await LoggingSSHD(level: "VERBOSE")
        var many = Attempt(isCertified: false)
        for number in 0..<7 {
            let file = "\(sshd.path)/extra\(number)"
            try DurableFile(file).write(Array(try PrivateKey.generate(.ed25519).openSSHText().utf8))
            many.further += ["-i", file]
        }
        try await sshd.expect("too-many-keys", of: many)
        let old = Attempt(isCertified: false, further: ["-o", "HostKeyAlgorithms=ssh-rsa"])
        let reading = try await sshd.expect("no-common-algorithm", of: old)
        #expect(reading?.reason.contains("ssh-rsa") == true)
        let plain = try await sshd.expect("key-refused", of: Attempt(isCertified: false))
        #expect(plain?.fingerprint?.hasPrefix("SHA256:") == true)
    }

    @Test func `about a name that a stranger chose to mislead`() async throws {
        let sshd = try await LoggingSSHD()
        let name = "x from 10.0.0.1 port 22"
        let reading = try await sshd.expect("user-unknown", of: Attempt(user: name, isCertified: false))
        #expect(reading?.address == "127.0.0.1" && reading?.user == name)
    }
}
