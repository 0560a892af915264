import CPAM
import Posix
import SSHFormats
import Testing

@testable import HostAgent

/// What a certificate must be, asked through the real module and its socket.
@Suite(.enabled(if: SudoHost.isPossible)) struct `At sudo` {
    @Test func `a certificate that counts lets act, without a word, in both phases`() throws {
        let host = try SudoHost()
        try host.install()
        #expect(try host.open(try host.certificate()) == PAM_SUCCESS)
        let outcomes = try host.sudo()
        #expect(outcomes.map(\.code) == [PAM_SUCCESS, PAM_SUCCESS])
        #expect(outcomes.flatMap(\.heard) == [])
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let options: [String]
        let words: String
        var hours: ClosedRange<Int64> = 0...8
        var serial: UInt64 = 1
    }

    private static let good = ["-n", "daemon@env=staging"]
    private static let faults = [
        Fault(testDescription: "expired", options: good, words: "ended at", hours: -3 ... -1),
        Fault(testDescription: "not yet valid", options: good, words: "does not count yet", hours: 1...2),
        Fault(testDescription: "revoked", options: good, words: "revoked", serial: 7),
        Fault(testDescription: "host certificate", options: good + ["-h"], words: "not one for users"),
        Fault(testDescription: "empty principals", options: [], words: "names no principal"),
        Fault(
            testDescription: "unknown critical option", options: good + ["-O", "critical:x@example.com=1"],
            words: "not known here"),
        Fault(
            testDescription: "another place",
            options: ["-n", "daemon@env=production,daemon,root@env=staging"],
            words: "no longer for this login"),
    ]

    @Test(arguments: faults) func `every other certificate is refused, in words`(_ fault: Fault) throws {
        let host = try SudoHost()
        try host.install(revoking: [7])
        let certificate = try host.certificate(fault.options, serial: fault.serial, hours: fault.hours)
        #expect(try host.open(certificate) == PAM_SUCCESS)
        for outcome in try host.sudo() {
            #expect(outcome.code == PAM_AUTH_ERR)
            #expect(outcome.heard.count == 1 && outcome.heard.allSatisfy { $0.contains(fault.words) })
        }
    }

    @Test func `a certificate of another CA is refused, and so is one whose signature is wrong`() throws {
        let host = try SudoHost()
        try host.install()
        let other = host.path + "/other_ca"
        try DurableFile(other).write(Array(PrivateKey.generate(.ed25519).openSSHText().utf8))
        #expect(try host.open(try host.certificate(ca: other)) == PAM_SUCCESS)
        #expect(try host.sudo().map(\.code) == [PAM_AUTH_ERR, PAM_AUTH_ERR])

        let spoilt = try SudoHost()
        try spoilt.install()
        var certificate = try Certificate(text: try spoilt.certificate()).blob
        certificate[certificate.count - 1] ^= 1
        let line = try Certificate(blob: certificate).text()
        #expect(try spoilt.open(line) == PAM_AUTH_ERR)
        #expect(try spoilt.sudo().map(\.code) == [PAM_AUTH_ERR, PAM_AUTH_ERR])
    }

    @Test func `a CA that is trusted no more takes its certificates with it, at once`() throws {
        let host = try SudoHost()
        try host.install()
        #expect(try host.open(try host.certificate()) == PAM_SUCCESS)
        #expect(try host.sudo().map(\.code) == [PAM_SUCCESS, PAM_SUCCESS])
        try host.install(version: 2, keys: [try PrivateKey.generate(.ed25519).publicKey])
        #expect(try host.sudo().map(\.code) == [PAM_AUTH_ERR, PAM_AUTH_ERR])
    }

    @Test func `a revocation, and a label that is taken away, count at once in a session that is open`()
        throws
    {
        let host = try SudoHost()
        try host.install()
        #expect(try host.open(try host.certificate(serial: 7)) == PAM_SUCCESS)
        #expect(try host.sudo().map(\.code) == [PAM_SUCCESS, PAM_SUCCESS])
        try host.install(version: 2, labels: ["env=production"])
        #expect(try host.sudo().map(\.code) == [PAM_AUTH_ERR, PAM_AUTH_ERR])
        try host.install(version: 3)
        #expect(try host.sudo().map(\.code) == [PAM_SUCCESS, PAM_SUCCESS])
        try host.install(version: 4, revoking: [7])
        #expect(try host.sudo().map(\.code) == [PAM_AUTH_ERR, PAM_AUTH_ERR])
    }

    @Test func `M09 without the authority it goes on until the certificate ends or news are too old`() throws
    {
        let host = try SudoHost(grace: 7_200)
        try host.install()
        #expect(try host.open(try host.certificate()) == PAM_SUCCESS)
        host.set(clock: SudoHost.time.advanced(by: 7_199))
        #expect(try host.sudo().map(\.code) == [PAM_SUCCESS, PAM_SUCCESS])
        host.set(clock: SudoHost.time.advanced(by: 7_200))
        #expect(try host.sudo().map(\.code) == [PAM_AUTH_ERR, PAM_AUTH_ERR])
        // News mend it: a refusal is not remembered.
        try host.install(version: 2, at: SudoHost.time.advanced(by: 7_000))
        #expect(try host.sudo().map(\.code) == [PAM_SUCCESS, PAM_SUCCESS])
    }

    @Test
    func
        `N09 a certificate that has ended is refused from that second on, and a clock set back helps nobody`()
        throws
    {
        let host = try SudoHost()
        try host.install()
        #expect(try host.open(try host.certificate(hours: 0...1)) == PAM_SUCCESS)
        host.set(clock: SudoHost.time.advanced(by: 3_599))
        #expect(try host.sudo().map(\.code) == [PAM_SUCCESS, PAM_SUCCESS])
        host.set(clock: SudoHost.time.advanced(by: 3_600))
        #expect(try host.sudo().map(\.code) == [PAM_AUTH_ERR, PAM_AUTH_ERR])
        try host.install(version: 2, at: SudoHost.time.advanced(by: 3_600))
        host.set(clock: SudoHost.time.advanced(by: 3_000))
        #expect(try host.sudo().map(\.code) == [PAM_AUTH_ERR, PAM_AUTH_ERR])
    }

    @Test func `without a state in force everything is refused`() throws {
        let host = try SudoHost()
        #expect(try host.open(try host.certificate()) == PAM_SUCCESS)
        #expect(try host.sudo().map(\.code) == [PAM_AUTH_ERR, PAM_AUTH_ERR])
    }

    @Test func `a login without a certificate is let in and may not act`() throws {
        let host = try SudoHost()
        try host.install()
        for info in ["", "password\n", "publickey \(try PrivateKey.generate(.ed25519).publicKey.text())\n"] {
            var caller = host.caller()
            caller.environment = ["SSH_AUTH_INFO_0": info]
            #expect(try caller.call(.open).code == PAM_SUCCESS)
        }
        #expect(try host.caller().call(.open).code == PAM_SUCCESS)
        #expect(host.sessions.all.isEmpty)
        #expect(try host.sudo().map(\.code) == [PAM_AUTH_ERR, PAM_AUTH_ERR])
    }

    @Test func `a certificate speaks for the account that it entered, and for no other`() throws {
        let host = try SudoHost()
        try host.install()
        let both = ["-n", "daemon@env=staging,bin@env=staging"]
        #expect(try host.open(try host.certificate(both)) == PAM_SUCCESS)
        #expect(try host.sudo(login: "bin").map(\.code) == [PAM_AUTH_ERR, PAM_AUTH_ERR])
        // su and a sudo that wants root's password ask about another, but were called by the same.
        var su = host.caller(login: "root")
        su.caller = "daemon"
        #expect(try su.call(.authenticate).code == PAM_SUCCESS)
        su.caller = "bin"
        #expect(try su.call(.authenticate).code == PAM_AUTH_ERR)
    }

    @Test func `a certificate that a later module names in place of sshd's is not taken`() throws {
        let host = try SudoHost()
        try host.install(revoking: [7])
        let (own, forged) = (try host.certificate(serial: 7), try host.certificate(serial: 8))
        let words = { (line: String) in
            "publickey " + line.split(separator: " ").prefix(2).joined(separator: " ")
        }
        try DurableFile(host.path + "/environment").write(
            Array("SSH_AUTH_INFO_0=\(words(forged))\n".utf8), mode: 0o644)
        let line = "session required \(host.module) socket=\(host.socket)\n"
        var caller = host.caller()
        caller.environment = ["SSH_AUTH_INFO_0": words(own) + "\n"]
        caller.stack =
            "\(line)session required pam_env.so readenv=1 envfile=\(host.path)/environment\n\(line)"
        #expect(try caller.call(.open).code == PAM_SUCCESS)
        #expect(host.sessions.all.map(\.certificate.serial) == [7])
        #expect(try host.sudo().map(\.code) == [PAM_AUTH_ERR, PAM_AUTH_ERR])
        // What pam_env says would have been taken, had it come first.
        caller.environment = [:]
        caller.stack = "session required pam_env.so readenv=1 envfile=\(host.path)/environment\n\(line)"
        #expect(try caller.call(.open).code == PAM_SUCCESS)
        #expect(host.sessions.all.map(\.certificate.serial) == [8])
    }

    @Test func `another login of the same person to the same account renews the sessions that are open`()
        throws
    {
        let host = try SudoHost()
        try host.install()
        #expect(try host.open(try host.certificate(hours: 0...1)) == PAM_SUCCESS)
        let later = SudoHost.time.advanced(by: 5_400)
        host.set(clock: later)
        #expect(try host.sudo().map(\.code) == [PAM_AUTH_ERR, PAM_AUTH_ERR])
        func enter(_ pid: UInt32, _ login: String, _ keyID: String) throws {
            try host.sessions.open(
                login: login, certificate: try Certificate(text: try host.certificate(keyID: keyID)),
                connection: "",
                ProcessOrigin(audit: nil, scope: nil, ancestors: [.init(pid: pid, started: 1)]),
                at: later)
        }
        try enter(1_000_001, SudoHost.login, "person:mallory/x")
        try enter(1_000_002, "bin", "person:alice/x")
        #expect(try host.sudo().map(\.code) == [PAM_AUTH_ERR, PAM_AUTH_ERR])
        // One that has ended too: tmux goes on.
        #expect(try host.caller().call(.close).code == PAM_SUCCESS)
        #expect(host.sessions.all.first?.closedAt == later)
        try enter(1_000_003, SudoHost.login, "person:alice/y")
        #expect(try host.sudo().map(\.code) == [PAM_SUCCESS, PAM_SUCCESS])
    }
}
