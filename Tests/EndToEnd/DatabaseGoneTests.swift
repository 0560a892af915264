import Foundation
import Posix
import TestKit
import Testing

@Suite(.servers) struct `A PostgreSQL that is gone` {
    @Test(.timeLimit(.minutes(20)))
    func `leaves 503 with Retry-After and the public lists, and is used again without a restart`()
        async throws
    {
        let server = try await TestPostgres()
        let house = try await Installation(database: try await server.database())
        try await house.enrolAdmin()
        let list = try await get(house, "/v1/krl/user")
        #expect(list.hasPrefix("HTTP/1.1 200"))

        try server.crash()
        let ready = try await get(house, "/readyz")
        #expect(ready.contains("503"))
        #expect(ready.contains("database"))
        let refused = try await get(house, "/v1/ledger/checkpoint")
        #expect(refused.hasPrefix("HTTP/1.1 503"), "\(refused)")
        #expect(refused.lowercased().contains("retry-after: "))
        #expect(try await get(house, "/v1/krl/user").hasPrefix("HTTP/1.1 200"))
        for path in ["/livez", "/v1/authority"] {
            #expect(try await get(house, path).hasPrefix("HTTP/1.1 200"))
        }
        let busy = try await house.reeve("person", "list")
        #expect(busy.status != 0)
        #expect(busy.errors.contains("busy"), "\(busy.errors)")

        try server.start()
        try await until("it lists persons again") { try await house.reeve("person", "list").status == 0 }
        try await until("it records again") {
            try await house.reeve("person", "add", "alice", "--link-only").status == 0
        }
    }

    private func get(_ house: Installation, _ path: String) async throws -> String {
        try await Program.run("/usr/bin/curl", ["-ski", "--max-time", "20", "\(house.url)\(path)"]).output
    }
}
