import AuthorityAPI
import AuthorityClient
import Foundation
import SSHFormats
import Testing

/// S12: what was altered while nobody looked is found, and nothing is issued any more.
@Suite(.servers) struct `A server whose files were altered` {
    @Test func `S12 does not start with another sealing key, and names the file`() async throws {
        let house = try await Installation()
        try await house.stopServer()
        try overwrite("\(house.data)/sealing.key") { Data($0.map { $0 ^ 1 }) }
        let ending = try await house.startInVain()
        #expect(ending.status == 1)
        #expect(ending.errors.contains("\(house.data)/sealing.key is not the key that sealed"))
    }

    @Test func `S12 does not start under another origin, and says which to take`() async throws {
        let house = try await Installation()
        try await house.stopServer()
        let configured = try house.scratch.write(
            "[server]\norigin = \"other.example.com\"\n", to: "other.toml")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: configured)
        let wished = try await house.startInVain(["--config", configured])
        #expect(wished.status == 1)
        #expect(wished.errors.contains("this ledger began as localhost"))
        try overwrite("\(house.data)/origin") { _ in Data("other.example.com\n".utf8) }
        let altered = try await house.startInVain()
        #expect(altered.status == 1)
        #expect(altered.errors.contains("\(house.data)/origin says other.example.com"))
    }

    @Test func `S12 does not start with a damaged page`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        try await house.stopServer()
        try overwrite("\(house.data)/keyreeve.db") { database in
            var bytes = database
            let middle = bytes.count / 2 / 4096 * 4096
            bytes.replaceSubrange(middle..<(middle + 4096), with: Data(repeating: 0x5A, count: 4096))
            return bytes
        }
        let ending = try await house.startInVain()
        #expect(ending.status == 1)
        #expect(ending.errors.contains("damaged") || ending.errors.contains("cannot be used"))
    }

    @Test func `S12 finds an event altered long ago, says so and issues nothing`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let connection = try house.connection()
        // More than are looked at before the first request.
        for _ in 0..<300 { try await issue(connection) }
        await connection.close()
        try await house.stopServer()
        try overwrite("\(house.data)/keyreeve.db") { database in
            var bytes = database
            let old = Data("\"action\":\"authority.created\"".utf8)
            let place = try #require(bytes.range(of: old))
            bytes.replaceSubrange(place, with: Data("\"action\":\"authority.creaked\"".utf8))
            return bytes
        }
        try await house.start()
        try await until("the damage is found") { try await house.readiness().status == "503" }
        #expect(try await house.readiness().body.contains("the ledger is damaged at index 0"))
        let again = try house.connection()
        await #expect(throws: ClientError.self) { try await issue(again) }
        await again.close()
        #expect(house.scratch.text("log").contains("nothing is issued any more"))
    }

    @Test func `is not ready where the disk is nearly full`() async throws {
        let house = try await Installation()
        #expect(try await house.readiness().status == "200")
        try await house.stopServer()
        let wish = try house.scratch.write("[limits]\nleast_free_mib = 1048576\n", to: "full.toml")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: wish)
        try await house.start(["--config", wish])
        let readiness = try await house.readiness()
        #expect(readiness.status == "503")
        #expect(readiness.body.contains("MiB are free"))
        try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: house.data)
        #expect(try await house.readiness().body.contains("cannot be written"))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: house.data)
    }

    private func issue(_ connection: AuthorityConnection) async throws {
        let key = try PrivateKey.generate(.ed25519).publicKey.text()
        let request = CertificateRequest(publicKey: key, to: nil, as: "boss", grant: "first-hosts")
        _ = try await connection.call(.certificates, body: request, as: CertificateReply.self)
    }

    /// Writes into the same file, which keeps its owner and mode.
    private func overwrite(_ path: String, _ change: (Data) throws -> Data) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        let bytes = try change(try file.readToEnd() ?? Data())
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: bytes)
        try file.close()
    }
}
