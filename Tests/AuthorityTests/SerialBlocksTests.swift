import SSHFormats
import TestKit
import Testing

@testable import Authority

@Suite struct `Serials` {
    @Test func `are unique and dense for 10,000 at once`() async throws {
        let store = InMemoryStore(now: { UnixTime(0) })
        let serials = await drawn(10_000, from: [SerialBlocks(store, node: "node-1")])
        #expect(serials.sorted() == Array(1...10_000))
    }

    @Test func `are unique among nodes`() async throws {
        let store = InMemoryStore(now: { UnixTime(0) })
        let nodes = (1...4).map { SerialBlocks(store, node: "node-\($0)") }
        let serials = await drawn(2_000, from: nodes)
        #expect(Set(serials).count == 2_000)
    }

    @Test func `of a process that died are revoked from its next start on`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        for key in [90, 91] as [UInt8] {
            _ = try await house.authority.issuance.issue(
                try house.wish(key: key), by: alice, once: .unclaimed)
        }
        let again = try await house.restarted()
        let issued = try await again.authority.issuance.issue(
            try again.wish(key: 92), by: alice, once: .unclaimed)
        #expect(issued.value.certificate.serial == 257)
        let krl = try KRL(
            bytes: try await again.authority.revocations.lists.list(for: .everyone(.user)).bytes)
        let userCA = try again.authority.keys.key(.userCA)
        #expect(krl.certificates[userCA.blob]?.serials.runs == [3...256])
        for one in await again.store.issued { #expect(!krl.revokes(one.certificate)) }
    }

    @Test func `that were voided while this node stood still are not asked for twice`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        _ = try await house.authority.issuance.issue(try house.wish(key: 90), by: alice, once: .unclaimed)
        await house.store.fail { entry in
            let isVoid = entry.facts.contains { fact in
                guard case .certificateIssued(let issued) = fact else { return false }
                return issued.certificate.serial <= 256
            }
            return isVoid ? .conflict(.serialVoid) : nil
        }
        for (key, serial) in [(91, 257), (92, 258)] as [(UInt8, UInt64)] {
            let issued = try await house.authority.issuance.issue(
                try house.wish(key: key), by: alice, once: .unclaimed)
            #expect(issued.value.certificate.serial == serial)
        }
    }

    private func drawn(_ count: Int, from nodes: [SerialBlocks]) async -> [UInt64] {
        await withTaskGroup(of: UInt64?.self) { group in
            for number in 0..<count {
                let node = nodes[number % nodes.count]
                group.addTask { try? await node.next() }
            }
            return await group.reduce(into: []) { all, one in
                if let one { all.append(one) }
            }
        }
    }
}
