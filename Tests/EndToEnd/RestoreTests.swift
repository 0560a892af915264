import AuthorityAPI
import AuthorityClient
import Foundation
import HostDocuments
import SSHFormats
import Testing

@Suite(.servers) struct `A backup that is restored` {
    @Test func `I3 is refused until it is taken into use, then serves hosts and repeats no serial`()
        async throws
    {
        let house = try await Installation()
        try await house.enrolAdmin()
        let host = try await PlayedHost(house, name: "web1.example.com")
        let early = try await issue(5, house)
        try await house.stopServer()
        try copy(house, to: "backup")

        try await house.start()
        let late = try await issue(5, house)
        try await house.reeve("host", "add", "late.example.com", "--link-only")
        let seen = try await host.state()
        try await checkpoint(house)
        try await house.stopServer()
        try copy(house, from: "backup")

        let refused = try await house.startInVain()
        #expect(refused.status == 1)
        #expect(refused.errors.contains("reeved restore --data \(house.data)"), "\(refused.errors)")
        let restored = try await house.reeved("restore")
        #expect(restored.status == 0, "\(restored.errors)")

        try await house.start()
        let state = try await host.state()
        #expect(seen.isOlder(than: state))
        #expect(state.epoch > seen.epoch)
        let ended = try await house.reeve("whoami")
        #expect(ended.status == 4, "sessions from before the backup are over")
        try await signIn(house)
        let after = try await issue(5, house)
        #expect(Set((early + late + after).map(\.serial)).count == 15)
        let krl = house.scratch.path("krl")
        try await host.userKRL().write(to: URL(fileURLWithPath: krl))
        for certificate in late {
            #expect(try await isRevoked(certificate, krl, house), "nobody knows any more whose it is")
        }
        for certificate in early + after { #expect(try await !isRevoked(certificate, krl, house)) }
        let export = house.scratch.path("export")
        #expect(try await house.reeve("audit", "export", export).status == 0)
        #expect(try await house.reeve("audit", "verify", export).status == 0)
        await host.connection.close()
    }

    @Test func `is restored once more from the same backup with yet other serials`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        try await house.stopServer()
        try copy(house, to: "backup")
        var all: [Certificate] = []
        for _ in 0..<2 {
            try copy(house, from: "backup")
            let restored = try await house.reeved("restore")
            #expect(restored.status == 0, "\(restored.errors)")
            try await house.start()
            try await signIn(house)
            all += try await issue(3, house)
            try await house.stopServer()
        }
        #expect(Set(all.map(\.serial)).count == 6)
    }

    @Test func `needs a database and no server that runs`() async throws {
        let house = try await Installation()
        let running = try await house.reeved("restore")
        #expect(running.status == 1)
        #expect(running.errors.contains("another process"))
        let nothing = try await Program.run("reeved", ["restore", "--data", house.scratch.path("none")])
        #expect(nothing.status == 1)
        #expect(nothing.errors.contains("Restore it from a backup"))
    }

    private func issue(_ count: Int, _ house: Installation) async throws -> [Certificate] {
        let connection = try house.connection()
        var issued: [Certificate] = []
        for _ in 0..<count {
            let key = try PrivateKey.generate(.ed25519).publicKey.text()
            let request = CertificateRequest(publicKey: key, to: nil, as: "boss", grant: "first-hosts")
            let (reply, _) = try await connection.call(
                .certificates, body: request, as: CertificateReply.self)
            issued.append(try Certificate(text: reply.certificate))
        }
        await connection.close()
        return issued
    }

    /// What sshd would say.
    private func isRevoked(
        _ certificate: Certificate, _ krl: String, _ house: Installation
    ) async throws -> Bool {
        let file = try house.scratch.write(certificate.text() + "\n", to: "\(certificate.serial).pub")
        let ending = try await Program.run("/usr/bin/ssh-keygen", ["-Q", "-f", krl, file])
        return ending.output.contains("REVOKED")
    }

    /// With the code of the next step: that of the present one may be taken.
    private func signIn(_ house: Installation) async throws {
        let answers = try house.scratch.write(
            "password=correct horse boss staple\ntotp=auto+1\n", to: "again")
        let ending = try await house.reeve(
            "login", "--answers-file", answers, "--totp-secret-file", house.scratch.path("boss.totp"))
        #expect(ending.status == 0, "\(ending.errors)")
    }

    /// Has the signer sign what there is.
    private func checkpoint(_ house: Installation) async throws {
        let curl = try await Program.run("/usr/bin/curl", ["-skf", "\(house.url)/v1/ledger/checkpoint"])
        #expect(curl.status == 0)
    }

    private func copy(_ house: Installation, to backup: String) throws {
        let place = house.scratch.path(backup)
        try? FileManager.default.removeItem(atPath: place)
        try FileManager.default.copyItem(atPath: "\(house.data)/keyreeve.db", toPath: place)
    }

    /// Into the same file, which keeps its owner and mode.
    private func copy(_ house: Installation, from backup: String) throws {
        let bytes = try #require(FileManager.default.contents(atPath: house.scratch.path(backup)))
        for suffix in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: "\(house.data)/keyreeve.db\(suffix)")
        }
        let file = try #require(FileHandle(forUpdatingAtPath: "\(house.data)/keyreeve.db"))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: bytes)
        try file.close()
    }
}
