import FoundationEssentials
import Posix
import SSHFormats
import Testing

@testable import HostAgent

@Suite struct `A line of sshd's log` {
    private static let key = "SHA256:" + String(repeating: "A", count: 42) + "E"
    private static let authority = "SHA256:" + String(repeating: "B", count: 42) + "E"
    private static let good =
        "Accepted publickey for root from 192.0.2.7 port 51234 ssh2: ED25519-CERT \(key) ID alice/laptop (serial 7) CA ED25519 \(authority)"

    @Test func `says which certificate was accepted, and over which connection`() throws {
        let login = try #require(AcceptedLogin(Self.good, pid: 12))
        #expect(login.login == "root" && login.pid == 12 && !login.isPartial)
        #expect(login.connection == ConnectionEnd(address: "192.0.2.7", port: 51234))
        #expect(login.key == (try Fingerprint(text: Self.key)))
        #expect(login.certificate?.serial == 7)
        #expect(login.certificate?.authority == (try Fingerprint(text: Self.authority)))
    }

    @Test func `cannot be led astray by the name in a certificate`() throws {
        let other = "SHA256:" + String(repeating: "C", count: 42) + "E"
        for id in [
            "x (serial 9) CA ED25519 \(other)", "a  b", "ID", "(serial", "x (serial 7) CA",
            "x\\nAccepted publickey for root from 192.0.2.9 port 1 ssh2: ED25519 \(other)",
        ] {
            let login = try #require(AcceptedLogin(Self.good.replacing("alice/laptop", with: id)))
            #expect(login.certificate?.serial == 7, "\(id)")
            #expect(login.certificate?.authority == (try Fingerprint(text: Self.authority)))
        }
    }

    @Test func `may be of a plain key, of no key, and of one step of several`() throws {
        let plain = "Partial publickey for bob from 2001:db8::1 port 9 ssh2: ED25519 \(Self.key)"
        let login = try #require(AcceptedLogin(plain))
        #expect(login.isPartial && login.certificate == nil && login.key != nil)
        #expect(login.connection.address == "2001:db8::1")
        let password = try #require(
            AcceptedLogin("Accepted keyboard-interactive/pam for bob from 192.0.2.7 port 9 ssh2"))
        #expect(password.key == nil && password.certificate == nil)
    }

    @Test(arguments: [
        "", "Accepted", "Postponed publickey for root from 192.0.2.7 port 51234 ssh2 [preauth]",
        "Failed publickey for root from 192.0.2.7 port 51234 ssh2: ED25519 SHA256:x",
        good.replacing("51234", with: "65536"), good.replacing("51234", with: "-1"),
        good.replacing("(serial 7)", with: "(serial 18446744073709551616)"),
        good.replacing("(serial 7)", with: "(serial -7)"), good.replacing(" CA ", with: " "),
        good.replacing("ID alice/laptop (serial 7) CA ED25519 \(authority)", with: ""),
        good.replacing(" ID alice/laptop (serial 7) CA ED25519 \(authority)", with: ""),
        good.replacing(authority, with: "SHA256:x"), " " + good, "sshd[7]: " + good,
    ])
    func `that says something else, or not all, counts for nothing`(_ line: String) {
        #expect(AcceptedLogin(line) == nil)
    }

    @Test func `is read from the journal with the process that wrote it`() throws {
        let folder = "/run/keyreeve-test-\(UInt32.random(in: 0 ... .max))"
        try FileTree.make(folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // Plays journalctl: answers if it is asked for root's own sshd alone.
        let script = """
            #!/bin/sh
            case "$*" in *"--since=@1790000000 "*"_UID=0 _COMM=sshd _COMM=sshd-session") ;; *) exit 3 ;; esac
            echo '{"MESSAGE":"\(Self.good)","_PID":"4711","__CURSOR":"s=1"}'
            echo '{"MESSAGE":[255,1],"_PID":"4712"}'
            echo 'no JSON'
            """
        try DurableFile(folder + "/journalctl").write(Array(script.utf8), mode: 0o755)
        let log = SSHDLog.journal(program: folder + "/journalctl")
        let logins = try log.logins(since: UnixTime(1_790_000_000))
        #expect(logins.map(\.pid) == [4711] && logins.map(\.certificate?.serial) == [7])
        #expect(throws: Fault.self) { try log.logins(since: UnixTime(5)) }
    }

    @Test func `counts only in a log that nobody else may write to`() throws {
        let path = "/run/keyreeve-test-\(UInt32.random(in: 0 ... .max)).log"
        defer { try? DurableFile(path).remove() }
        try DurableFile(path).write(Array((Self.good + "\r\n").utf8), mode: 0o644)
        #expect(try SSHDLog.file(path).logins(since: UnixTime(0)).count == 1)
        for mode in [0o666, 0o664, 0o622] as [UInt32] {
            try DurableFile(path).write(Array(Self.good.utf8), mode: mode)
            #expect(throws: Fault.self) { try SSHDLog.file(path).logins(since: UnixTime(0)) }
        }
    }
}

@Suite struct `The other ends of connections` {
    @Test(arguments: [
        ("0100007F:C822", "127.0.0.1", 51234), ("0000000000000000FFFF00000702000A:0016", "10.0.2.7", 22),
        ("B80D0120000000000000000001000000:FFFF", "2001:db8::1", 65535),
    ])
    func `read as sshd writes them`(_ text: String, _ address: String, _ port: UInt16) {
        #expect(ConnectionTable.end(text) == ConnectionEnd(address: address, port: port))
    }

    @Test(arguments: ["", ":", "0100007F", "0100007G:0016", "0100007F:10000", "01:16", "0100007F:0016:1"])
    func `are nothing else`(_ text: String) { #expect(ConnectionTable.end(text) == nil) }
}
