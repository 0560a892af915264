import Testing

@testable import HostAgent

@Suite struct `Coming back after the push stream was lost` {
    /// The longest pause that 2,000 draws give.
    private func longest(_ lasted: [Double], retry: UInt64?) -> Double {
        var random = SystemRandomNumberGenerator()
        return (0..<2_000).map { _ in
            var reconnection = Reconnection()
            if let retry { reconnection.heard(retry: retry) }
            return lasted.reduce(0) { _, seconds in reconnection.pause(after: seconds, using: &random) }
        }.max() ?? 0
    }

    @Test(arguments: [(1_000, 1.0), (50_000, 50.0), (60_000, 60.0), (3_600_000, 60.0)] as [(UInt64, Double)])
    func `N08 takes a random part of what the server asked for, of a minute at most`(
        _ retry: UInt64, _ ceiling: Double
    ) {
        let longest = longest([3_600], retry: retry)
        #expect(longest <= ceiling && longest > ceiling * 0.95)
    }

    @Test func `N08 5,000 agents are spread evenly over the 50 s that their server asked for`() {
        var random = SystemRandomNumberGenerator()
        var seconds = [Int](repeating: 0, count: 51)
        for _ in 0..<5_000 {
            var reconnection = Reconnection()
            reconnection.heard(retry: 50_000)
            seconds[Int(reconnection.pause(after: 100, using: &random))] += 1
        }
        #expect(seconds.max() ?? 0 < 160)
    }

    @Test func `takes longer while nobody answers, up to a minute, and forgets that once a stream stood`() {
        for (failures, ceiling) in [(1, 2.0), (2, 4), (3, 8), (5, 32), (6, 60), (40, 60)] {
            let longest = longest([Double](repeating: 0, count: failures), retry: 1_000)
            #expect(longest <= ceiling && longest > ceiling * 0.95)
        }
        #expect(longest([0, 0, 0, 0, 10], retry: 1_000) <= 1)
    }

    @Test func `is at once where there are other servers, unless streams break as soon as they stand`() {
        var random = SystemRandomNumberGenerator()
        var reconnection = Reconnection()
        reconnection.heard(retry: 60_000)
        #expect(reconnection.pause(after: 10, .broken, using: &random) == 0)
        #expect(reconnection.pause(after: 0, .broken, using: &random) > 0)
        #expect(reconnection.pause(after: 10, .closed, using: &random) > 0)
    }

    @Test func `takes up to half a minute when the server does not say`() {
        let longest = longest([3_600], retry: nil)
        #expect(longest <= 30 && longest > 28)
    }
}
