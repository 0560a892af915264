import Posix
import TestKit
import Testing

@testable import Records

@Suite(.servers) struct `PostgreSQL over a network` {
    @Test func `proves its name by the root that is pinned, or is not spoken to`() async throws {
        let place = try await TestTLSPostgres(port: try FreePort.find())
        let folder = try TemporaryFolder().path
        let passfile = try place.passfile("\(folder)/pass")
        let address = try PostgresAddress(place.address(root: place.root, passfile: passfile))
        let records = try await Records(
            try await PostgresConnection(address, node: "a"), now: { Sample.noon })
        _ = try await records.reserveSerials(node: "a", count: 1)
        let inUse = try await place.run(
            """
            SELECT DISTINCT ssl, version LIKE 'TLSv1._' FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
            WHERE application_name = 'keyreeve'
            """)
        #expect(inUse == "t|t\n")
        await records.close()

        let wrongPass = try place.passfile("\(folder)/wrong", password: "guessed-0815")
        for (text, reason) in [
            (place.address(root: place.otherRoot, passfile: passfile), "certificate verify failed"),
            (
                place.address(host: "127.0.0.1", root: place.root, passfile: passfile),
                "does not match host name"
            ),
            (place.address(root: "\(folder)/none.pem", passfile: passfile), "root certificate file"),
            (place.address(root: place.root, passfile: passfile, mode: "disable"), "pg_hba.conf"),
            (place.address(root: place.root, passfile: wrongPass), "password authentication failed"),
        ] {
            let error = await #expect(throws: RecordsError.self) {
                try await PostgresConnection(try PostgresAddress(text), node: nil)
            }
            let said = "\(error.map { "\($0)" } ?? "")"
            #expect(said.contains(reason), "\(said)")
            #expect(!said.contains(TestTLSPostgres.password) && !said.contains("guessed-0815"))
        }
    }

    @Test func `is asked for its name unless the address says otherwise`() throws {
        for (text, mode) in [
            ("postgresql://u@db1,db2/k", "verify-full"), ("postgresql://u@db1/k?sslmode=require", "require"),
            ("postgresql://u@localhost/k", nil), ("postgresql://u@/k?host=%2Frun%2Fpostgresql", nil),
            ("postgresql://u@localhost,db2/k", "verify-full"),
        ] as [(String, String?)] {
            #expect(try PostgresAddress(text).sslmode == mode, "\(text)")
        }
    }
}
