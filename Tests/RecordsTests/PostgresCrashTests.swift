import Foundation
import Posix
import Records
import TestKit
import Testing

@Suite(.load) struct `A PostgreSQL that crashes under three nodes` {
    private static let rounds = ProcessInfo.processInfo.environment["KEYREEVE_SOAK"] == nil ? 20 : 50

    @Test(.timeLimit(.minutes(20)))
    func `loses nothing that was confirmed, gives no serial twice, and is used again within 5 s`()
        async throws
    {
        let server = try await TestPostgres()
        let address = try PostgresAddress(server.address)
        let load = try await NodesUnderLoad(address)
        for round in 0..<Self.rounds {
            let before = load.told.kept.count
            try await until { load.told.kept.count >= before + Int.random(in: 1...40) }
            try server.crash()
            try server.start()
            let answered = ContinuousClock.now
            let after = load.told.kept.count
            try await until { load.told.kept.count > after }
            #expect(ContinuousClock.now - answered < .seconds(5), "round \(round)")
        }
        try await load.end()
    }
}
