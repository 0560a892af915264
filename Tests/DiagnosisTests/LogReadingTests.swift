import Testing

@testable import Diagnosis

/// What stands around a message, and what strangers may put into one. That the messages are sshd's own is for the tests with
/// a real sshd (HostAgentTests/SSHDLogTests.swift).
@Suite struct `A line of sshd's log` {
    private static let message = "Certificate invalid: expired"

    @Test(arguments: [
        "\(message)", "error: \(message)", "sshd[812]: error: \(message)",
        "Nov 29 11:08:23 web1 sshd[812]: error: \(message)",
        "2026-11-29T11:08:23.123456+00:00 web1 sshd[812]: error: \(message)",
        "<35>Nov 29 11:08:23 sshd[812]: error: \(message)",
        "Nov 29 11:08:23 web1 sshd-session[812]: \(message)",
        "\(message) [preauth]", "\(message)\r\n",
    ])
    func `is read whatever the log puts around the message`(_ line: String) {
        let reading = LogReading(ofLine: line)
        #expect(reading.code == "certificate-expired")
        #expect(reading.outcome == .failed)
    }

    @Test(arguments: [
        "", "\n", "Certificate invalid: expired yesterday", "certificate invalid: expired", "sshd[]: x",
        "My Certificate invalid: expired", "Authentication key revoked", "systemd[1]: Started ssh.service.",
        String(repeating: "a", count: 9_000), "Certificate invalid: exp\u{0131}red", "\u{1b}[31mAccepted",
    ])
    func `that is none of those known is said to be unknown, with nothing made up`(_ line: String) {
        let reading = LogReading(ofLine: line)
        #expect(reading.outcome == .unknown && reading.code == "unknown")
        #expect(reading.user == nil && reading.serial == nil && reading.fingerprint == nil)
    }

    @Test func `gives the address that sshd wrote, not one in the name of whoever came`() {
        let reading = LogReading(ofLine: "Invalid user a from 10.0.0.1 port 22 from 192.0.2.7 port 4022")
        #expect(reading.code == "user-unknown")
        #expect(reading.address == "192.0.2.7")
        #expect(reading.user == "a from 10.0.0.1 port 22")
    }

    @Test func `drives no terminal`() {
        let reading = LogReading(ofLine: "Invalid user \u{1b}]0;x\u{7}\u{202e}b from 192.0.2.7 port 4022")
        #expect(reading.user == "\\u{1b}]0;x\\u{7}\\u{202e}b")
        #expect(!reading.reason.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202e })
    }

    @Test func `with a serial that is no number is not taken for a certificate's`() {
        let line =
            "Failed publickey for a from ::1 port 2 ssh2: ED25519-CERT SHA256:x ID y (serial -1) CA RSA SHA256:z"
        #expect(LogReading(ofLine: line).serial == nil)
    }

    @Test func `is said to be a developer's where it is`() {
        #expect(LogReading(ofLine: "debug1: userauth-request for user root").code == "debugging")
        #expect(LogReading(ofLine: "debug1: userauth-request for user root").outcome == .nothing)
    }
}

@Suite struct `A word for a shell` {
    @Test(arguments: [
        ("/etc/ssh", "/etc/ssh"), ("", "''"), ("a b", "'a b'"), ("a'b", "'a'\\''b'"), ("$(id)", "'$(id)'"),
        ("-n;", "'-n;'"), ("ä", "'ä'"),
    ])
    func `means what it was made of`(_ text: String, _ word: String) {
        #expect(PlainText.shellWord(text) == word)
    }
}

@Suite struct `A report` {
    @Test func `is healthy with notes, and not with a warning`() {
        #expect(FindingReport([.good("a", ""), .note("b", "")]).healthy)
        #expect(!FindingReport([.good("a", ""), .warning("b", "", command: "c")]).healthy)
        #expect(!FindingReport([.failure("b", "", command: "c")]).healthy)
    }
}
