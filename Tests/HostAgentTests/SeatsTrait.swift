import TestKit
import Testing

/// Each case of a test waits for its seats (``Seats/servers``). The waiting counts for the time limit of the test.
struct SeatsTrait: SuiteTrait, TestTrait, TestScoping {
    let wanted: Int
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing work: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await work() }
        try await Seats.servers.take(wanted, work)
    }
}

extension Trait where Self == SeatsTrait {
    /// Runs a server or two.
    static var servers: Self { SeatsTrait(wanted: 1) }
    /// Keeps all processors busy, and has the servers of others wait meanwhile.
    static var load: Self { SeatsTrait(wanted: .max) }
}
