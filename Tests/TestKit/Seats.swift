/// Room for so much work at once, so that tests which run whole servers do not take the processor from each other until
/// a deadline of the programs passes. In the order in which they came.
package actor Seats {
    /// One for all tests of this process: servers with their agents and load, on two cores.
    package static let servers = Seats(3)

    private let total: Int
    private var free: Int
    private var waiting: [(wanted: Int, caller: CheckedContinuation<Void, Never>)] = []

    package init(_ total: Int) {
        self.total = total
        free = total
    }

    /// Runs the work while it holds so many seats; never more than there are.
    package nonisolated func take<Value: Sendable>(
        _ wanted: Int, _ work: @Sendable () async throws -> Value
    ) async throws -> Value {
        let wanted = min(wanted, total)
        await enter(wanted)
        do {
            let value = try await work()
            await leave(wanted)
            return value
        } catch {
            await leave(wanted)
            throw error
        }
    }

    private func enter(_ wanted: Int) async {
        guard waiting.isEmpty, wanted <= free else {
            return await withCheckedContinuation { waiting.append((wanted, $0)) }
        }
        free -= wanted
    }

    private func leave(_ held: Int) {
        free += held
        while let next = waiting.first, next.wanted <= free {
            waiting.removeFirst()
            free -= next.wanted
            next.caller.resume()
        }
    }
}
