import AuthorityAPI
import Foundation
import Posix
import SSHFormats
import TestKit
import Testing

@testable import AuthorityClient

@Suite(.servers) struct `Clients of two servers` {
    @Test(.timeLimit(.minutes(20))) func `go on with the other one when theirs is killed, or never answers`()
        async throws
    {
        let (first, second) = try await pair()
        try await first.enrolAdmin()
        #expect(try servers(of: first.home) == [first.url, second.url].sorted())
        let preferred = try preferred(try key("\(first.home)/device.key"), first, second)
        try await preferred.killServer()
        let there = try await first.reeve("whoami")
        #expect(there.status == 0, "\(there.errors)")
        let added = try await first.reeve("person", "add", "alice", "--link-only")
        #expect(added.status == 0, "\(added.errors)")
        let fetched = try await first.reeve("login", "--if-needed")
        #expect(fetched.status == 0, "\(fetched.errors)")

        let hole = try BlackHole(port: preferred.port)
        let began = ContinuousClock.now
        let slow = try await first.reeve("whoami")
        let lasted = ContinuousClock.now - began
        #expect(slow.status == 0, "\(slow.errors)")
        #expect(lasted < .seconds(8), "a server that never answers costs two seconds: \(lasted)")
        withExtendedLifetime(hole) {}
    }

    @Test(.timeLimit(.minutes(20))) func `get from the other one what theirs has no signer for`() async throws
    {
        let (first, second) = try await pair()
        try await first.enrolAdmin()
        let stopped = try preferred(try key("\(first.home)/device.key"), first, second)
        let signer = try #require(stopped.signerPID)
        kill(signer, SIGSTOP)
        defer { kill(signer, SIGCONT) }
        let connection = try first.connection()
        let line = try PrivateKey.generate(.ed25519).publicKey.text()
        let request = CertificateRequest(publicKey: line, to: nil, as: "boss", grant: "first-hosts")
        let began = ContinuousClock.now
        let (reply, _) = try await connection.call(.certificates, body: request, as: CertificateReply.self)
        #expect(reply.serial > 0)
        #expect(ContinuousClock.now - began < .seconds(25))
        await connection.close()
    }

    @Test(.timeLimit(.minutes(20))) func `learn at the next sign-in that there are more`() async throws {
        let (first, second) = try await pair()
        try await first.enrolAdmin()
        let file = "\(first.home)/device.json"
        let both = String(decoding: try #require(FileManager.default.contents(atPath: file)), as: UTF8.self)
        let one = both.replacing(",\"\(second.url)\"", with: "").replacing("\"\(second.url)\",", with: "")
        try Data(one.utf8).write(to: URL(fileURLWithPath: file))
        #expect(try servers(of: first.home) == [first.url])
        let answers = try first.scratch.write(
            "password=correct horse boss staple\ntotp=auto+1\n", to: "again")
        let ending = try await first.reeve(
            "login", "--answers-file", answers, "--totp-secret-file", first.scratch.path("boss.totp"))
        #expect(ending.status == 0, "\(ending.errors)")
        #expect(try servers(of: first.home) == [first.url, second.url].sorted())
    }

    @Test(.timeLimit(.minutes(20))) func `keep to those that a person named`() async throws {
        let (first, second) = try await pair()
        let answers = try first.scratch.write(
            "password=correct horse boss staple\ntotp=auto\n", to: "answers")
        let ending = try await first.reeve(
            "enrol", "--link-file", "\(first.data)/first-admin-link", "--device", "test", "--answers-file",
            answers, "--totp-secret-file", first.scratch.path("boss.totp"), "--server",
            "https://127.0.0.1:\(second.port)")
        #expect(ending.status == 0, "\(ending.errors)")
        #expect(
            try servers(of: first.home) == [first.url, "https://127.0.0.1:\(second.port)"].sorted())
    }

    @Test func `are never told what is no address`() async throws {
        let scratch = Scratch()
        let file = try scratch.write(
            "[server]\naddresses = [\"http://ca1.example.com\"]\n", to: "reeved.toml")
        let ending = try await Program.run("reeved", ["config", "--check", "--config", file])
        #expect(ending.status == 1)
        #expect(ending.errors.contains("server.addresses: expected a list of addresses"), "\(ending.errors)")
    }

    @Test(.enabled(if: ProcessHardening.isRoot), .timeLimit(.minutes(20)))
    func `and the agent of a host hears of news from the other server`() async throws {
        let (first, second) = try await pair()
        try await first.enrolAdmin()
        let host = try await EnrolledHost(
            first, name: "web1.example.com", labels: ["group=default"], login: "daemon")
        let told = "\(host.folder)/agent/servers.json"
        try await until("the agent knows both servers") {
            let text = FileManager.default.contents(atPath: told) ?? Data()
            return String(decoding: text, as: UTF8.self).contains(":\(second.port)")
        }
        let added = try await first.reeve("person", "add", "alice", "--link-only")
        #expect(added.status == 0, "\(added.errors)")
        try await preferred(try key("\(host.folder)/agent/agent.key"), first, second).killServer()
        let state = "\(host.folder)/agent/ssh/current/state.signed"
        let before = FileManager.default.contents(atPath: state)
        let revoked = try await first.reeve("revoke", "--identity", "alice", "--reason", "left")
        #expect(revoked.status == 0, "\(revoked.errors)")
        try await until("the host knows") { FileManager.default.contents(atPath: state) != before }
    }

    /// Two servers on one database, each naming both.
    private func pair() async throws -> (Installation, Installation) {
        let first = try await Installation(database: try await Engine.postgres.database())
        let second = try await Installation(beside: first)
        for house in [first, second] {
            try await house.stopServer()
            let file = try house.scratch.write(
                "[server]\naddresses = [\"\(first.url)\", \"\(second.url)\"]\n", to: "reeved.toml")
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
            try await house.start(["--config", file])
        }
        return (first, second)
    }

    /// The server that a client with this key goes to while both are well.
    private func preferred(
        _ key: DPoPKey, _ first: Installation, _ second: Installation
    ) throws -> Installation {
        let order = ServerOrder(
            try [first, second].map { try ServerAddress($0.url) }, client: key.publicKey.blob)
        return order.all.first?.port == first.port ? first : second
    }

    private func key(_ path: String) throws -> DPoPKey {
        try DPoPKey(rawRepresentation: Array(try #require(FileManager.default.contents(atPath: path))))
    }

    private func servers(of home: String) throws -> [String] {
        struct Device: Decodable { let servers: [String] }
        let bytes = try #require(FileManager.default.contents(atPath: "\(home)/device.json"))
        return try JSONDecoder().decode(Device.self, from: bytes).servers.sorted()
    }
}

/// A port where connections are taken and nothing is ever said.
private final class BlackHole: Sendable {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, length) == 0
            }
        }
        guard isBound, listen(descriptor, 8) == 0 else { throw Failure("cannot listen on \(port)") }
    }

    deinit { close(descriptor) }
}
