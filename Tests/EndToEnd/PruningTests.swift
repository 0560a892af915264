import Foundation
import Posix
import Testing

/// L08, with the programs: nothing in a test is a month old, so only what may not happen is seen here.
@Suite(.servers) struct `Pruning` {
    @Test func `L08 keeps what is younger, and an export verifies after it`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let export = house.scratch.path("export")
        #expect(try await house.reeve("audit", "export", export).status == 0)
        let running = try await house.reeved("prune", "--older-than", "31")
        #expect(running.status == 1)
        #expect(running.errors.contains("another process"), "\(running.errors)")
        try await house.stopServer()
        #expect(try await house.reeved("prune", "--older-than", "30").status == 2)
        let pruned = try await house.reeved("prune", "--older-than", "31")
        #expect(pruned.status == 0, "\(pruned.errors)")
        #expect(pruned.errors.contains("0 events more are hashes alone, 0 in all"))
        try await house.start()
        let after = house.scratch.path("after")
        #expect(try await house.reeve("audit", "export", after).status == 0)
        #expect(try await house.reeve("audit", "verify", after, "--complete").status == 0)
    }
}
