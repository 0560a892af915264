import AuthorityAPI
import AuthorityClient
import Foundation
import HostDocuments
import SSHFormats
import Testing

@Suite(.servers) struct `An installation that moves to PostgreSQL` {
    @Test(.timeLimit(.minutes(20))) func `goes on there with its people, hosts, ledger and serials`()
        async throws
    {
        let house = try await Installation()
        try await house.enrolAdmin()
        let host = try await PlayedHost(house, name: "web1.example.com")
        let early = try await serial(house)
        let seen = try await host.state()
        let before = house.scratch.path("before")
        #expect(try await house.reeve("audit", "export", before).status == 0)
        let address = try #require(try await Engine.postgres.database())
        let running = try await house.reeved("export", "--to", address)
        #expect(running.status == 1)
        #expect(running.errors.contains("another process"), "\(running.errors)")

        try await house.stopServer()
        let exported = try await house.reeved("export", "--to", address)
        #expect(exported.status == 0, "\(exported.errors)")
        #expect(exported.errors.contains("set server.database"), "\(exported.errors)")
        let mistaken = try await house.startInVain()
        #expect(mistaken.status == 1)
        #expect(mistaken.errors.contains("was moved to postgresql://"), "\(mistaken.errors)")
        let again = try await house.reeved("export", "--to", address)
        #expect(again.status == 1)

        try await house.start(["--database", address])
        let whoami = try await house.reeve("whoami")
        #expect(whoami.status == 0, "sessions go on: \(whoami.errors)")
        #expect(try await serial(house) > early)
        let state = try await host.state()
        #expect(!state.isOlder(than: seen) && state.epoch == seen.epoch)
        let after = house.scratch.path("after")
        #expect(try await house.reeve("audit", "export", after).status == 0)
        for export in [before, after] {
            let verified = try await house.reeve("audit", "verify", export)
            #expect(verified.status == 0, "\(verified.errors)")
        }
        await host.connection.close()
    }

    @Test(.timeLimit(.minutes(20))) func `comes back by its file`()
        async throws
    {
        let house = try await Installation()
        try await house.enrolAdmin()
        try await house.stopServer()
        let address = try #require(try await Engine.postgres.database())
        #expect(try await house.reeved("export", "--to", address).status == 0)
        let undone = try await house.reeved("export", "--undo")
        #expect(undone.status == 0, "\(undone.errors)")
        try await house.start()
        #expect(try await house.reeve("whoami").status == 0)
    }

    @Test(.timeLimit(.minutes(20)))
    func `comes back as from a backup once more was done there, and repeats no serial`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        try await house.stopServer()
        let address = try #require(try await Engine.postgres.database())
        #expect(try await house.reeved("export", "--to", address).status == 0)
        try await house.start(["--database", address])
        let there = try await serial(house)
        try await house.stopServer()
        #expect(try await house.reeved("export", "--undo").status == 0)
        let refused = try await house.startInVain()
        #expect(refused.status == 1)
        #expect(refused.errors.contains("reeved restore --data \(house.data)"), "\(refused.errors)")
        #expect(try await house.reeved("restore").status == 0)
        try await house.start()
        let answers = try house.scratch.write(
            "password=correct horse boss staple\ntotp=auto+1\n", to: "again")
        let again = try await house.reeve(
            "login", "--answers-file", answers, "--totp-secret-file", house.scratch.path("boss.totp"))
        #expect(again.status == 0, "\(again.errors)")
        #expect(try await serial(house) > there)
    }

    @Test func `is never given a password that everybody can see`() async throws {
        let house = try await Installation()
        let ending = try await Program.run(
            "reeve",
            [
                "server", "export", "--data", house.data, "--to",
                "postgresql://keyreeve:hidden-word@localhost/keyreeve",
            ])
        #expect(ending.status == 1)
        #expect(ending.errors.contains("PGPASSFILE"), "\(ending.errors)")
        #expect(!ending.errors.contains("hidden-word"))
    }

    private func serial(_ house: Installation) async throws -> UInt64 {
        let connection = try house.connection()
        let key = try PrivateKey.generate(.ed25519).publicKey.text()
        let request = CertificateRequest(publicKey: key, to: nil, as: "boss", grant: "first-hosts")
        let (reply, _) = try await connection.call(.certificates, body: request, as: CertificateReply.self)
        await connection.close()
        return try Certificate(text: reply.certificate).serial
    }
}
