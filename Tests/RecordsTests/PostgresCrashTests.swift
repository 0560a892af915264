import Authority
import Foundation
import Posix
import Records
import SSHFormats
import Synchronization
import TestKit
import Testing

/// What callers were told, from three nodes.
private final class Told: Sendable {
    private let state = Mutex((kept: [UInt64: Int](), serials: [UInt64](), failures: 0))

    func kept(_ index: UInt64, _ number: Int) { state.withLock { $0.kept[index] = number } }
    func reserved(_ range: ClosedRange<UInt64>) { state.withLock { $0.serials += Array(range) } }
    func failed() { state.withLock { $0.failures += 1 } }
    var kept: [UInt64: Int] { state.withLock(\.kept) }
    var serials: [UInt64] { state.withLock(\.serials) }
}

@Suite struct `A PostgreSQL that crashes under three nodes` {
    private static let rounds = ProcessInfo.processInfo.environment["KEYREEVE_SOAK"] == nil ? 20 : 50

    @Test(.timeLimit(.minutes(10)))
    func `loses nothing that was confirmed, gives no serial twice, and is used again within 5 s`()
        async throws
    {
        let server = try await TestPostgres()
        let address = try PostgresAddress(server.address)
        var nodes: [Records] = []
        for number in 0..<3 {
            nodes.append(
                try await Records(
                    try await PostgresConnection(address, node: "n\(number)"), now: { Sample.noon }))
        }
        let told = Told()
        let load = Task { [nodes] in await Self.load(nodes, told) }
        for round in 0..<Self.rounds {
            let before = told.kept.count
            try await Self.until { told.kept.count >= before + Int.random(in: 1...40) }
            try server.crash()
            try server.start()
            let answered = ContinuousClock.now
            let after = told.kept.count
            try await Self.until { told.kept.count > after }
            #expect(ContinuousClock.now - answered < .seconds(5), "round \(round)")
        }
        load.cancel()
        await load.value
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
                told.failed()
                attempt += 1
                try? await ContinuousClock().sleep(for: .milliseconds(20))  // polls: as clients do
            }
        }
    }

    private static func until(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if condition() { return }
            try await ContinuousClock().sleep(for: .milliseconds(5))  // polls: counts what others do
        }
        Issue.record("gave up waiting")
    }
}
