import Authority
import Records
import SSHFormats
import Synchronization
import Testing

/// Three nodes on one PostgreSQL that record all the time, and what they were told.
final class NodesUnderLoad: Sendable {
    /// What callers were told.
    final class Told: Sendable {
        private let state = Mutex((kept: [UInt64: Int](), serials: [UInt64]()))

        func kept(_ index: UInt64, _ number: Int) { state.withLock { $0.kept[index] = number } }
        func reserved(_ range: ClosedRange<UInt64>) { state.withLock { $0.serials += Array(range) } }
        var kept: [UInt64: Int] { state.withLock(\.kept) }
        var serials: [UInt64] { state.withLock(\.serials) }
    }

    let nodes: [Records]
    let told = Told()
    private let callers: Task<Void, Never>

    init(_ address: PostgresAddress) async throws {
        var nodes: [Records] = []
        for number in 0..<3 {
            let connection = try await PostgresConnection(address, node: "n\(number)")
            nodes.append(try await Records(connection, now: { Sample.noon }))
        }
        self.nodes = nodes
        callers = Task { [nodes, told] in await Self.load(nodes, told) }
    }

    /// Ends the load and compares what was told with what is kept.
    func end() async throws {
        callers.cancel()
        await callers.value
        #expect(Set(told.serials).count == told.serials.count)
        for (index, number) in told.kept {
            let leaf = try await nodes[0].leaves(from: index, limit: 1)
            #expect(leaf.first?.bytes == Sample.event(number).encoded(), "event \(number) at \(index)")
        }
        #expect(try await nodes[1].firstDamage() == nil)
    }

    /// Each entry has a claim and is tried until it is confirmed: what was kept without a word is found again.
    private static func load(_ nodes: [Records], _ told: Told) async {
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<12 {
                group.addTask {
                    var number = worker
                    while !Task.isCancelled {
                        await record(number, nodes, told)
                        if number % 5 == 0,
                            let range = try? await nodes[number % 3].reserveSerials(
                                node: "n\(number % 3)", count: 3)
                        {
                            told.reserved(range)
                        }
                        number += 12
                    }
                }
            }
        }
    }

    private static func record(_ number: Int, _ nodes: [Records], _ told: Told) async {
        var hash = Sample.hash(7)
        for place in 0..<8 { hash[place] = UInt8(truncatingIfNeeded: number >> (8 * place)) }
        let claim = IdempotencyClaim(
            scopeHash: hash, bodyHash: hash, notAfter: Sample.noon.advanced(by: 9_000))
        let entry = Entry([.hostStateMoved], event: Sample.event(number), claim: claim, reply: hash)
        var attempt = number
        while !Task.isCancelled {
            do {
                if let index = try await nodes[attempt % 3].record(entry).index { told.kept(index, number) }
                return
            } catch StoreError.conflict(.claimed(let reply)) {
                if let index = reply.receipt.index { told.kept(index, number) }
                return
            } catch {
                attempt += 1
                try? await ContinuousClock().sleep(for: .milliseconds(20))  // polls: as clients do
            }
        }
    }
}

/// Waits for what others do; gives up after two minutes.
func until(_ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < deadline {
        if try await condition() { return }
        try await ContinuousClock().sleep(for: .milliseconds(5))  // polls: counts what others do
    }
    Issue.record("gave up waiting")
}
