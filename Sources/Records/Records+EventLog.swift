package import Authority
import Ledger
package import SSHFormats

extension Records: EventLog {
    /// Time of the newest event; nil before the first.
    package func newestEvent() async throws(StoreError) -> UnixTime? {
        try await points.perform { session throws(StoreError) in try Event.newest(session) }
    }

    package func treeSize() async throws(StoreError) -> UInt64 {
        try await points.perform { session throws(StoreError) in try LedgerHead(session).size }
    }

    package func leaves(from: UInt64, limit: Int) async throws(StoreError) -> [LedgerLeaf] {
        try await scans.perform { session throws(StoreError) in
            try session.rows(
                "SELECT idx, leaf_hash, bytes FROM event WHERE idx >= ? ORDER BY idx LIMIT ?",
                [.count(from), .integer(Int64(limit))]
            ).map { (row) throws(StoreError) in
                LedgerLeaf(index: try row.count(0), hash: try row.bytes(1), bytes: try row.bytes(2))
            }
        }
    }

    package func growth(since size: UInt64, to end: UInt64?) async throws(StoreError) -> LedgerGrowth {
        try await scans.perform { session throws(StoreError) in
            let head = try LedgerHead(session)
            let second = end ?? head.size
            guard second <= head.size else { throw .conflict(.missing) }
            let proof = try Self.proof { () throws(MerkleError) in
                try ProofPlan(consistencyOf: size, size: second)
            } make: { nodes throws(MerkleError) in
                try ConsistencyProof(first: size, second: second, nodes: nodes).path
            } from: { plan throws(StoreError) in
                try StoredTree(session).hashes(plan)
            }
            let root = try StoredTree(session).root(size: second)
            // The head is carried along from event to event; the stored hashes say what it should be.
            guard second != head.size || root == head.root else {
                throw .unreadable("the head of the ledger")
            }
            return LedgerGrowth(size: second, root: root.bytes, consistency: proof)
        }
    }

    package func inclusion(of index: UInt64, size: UInt64) async throws(StoreError) -> [[UInt8]] {
        try await scans.perform { session throws(StoreError) in
            guard size <= (try LedgerHead(session).size) else { throw .conflict(.missing) }
            return try Self.proof { () throws(MerkleError) in
                try ProofPlan(inclusionOf: index, size: size)
            } make: { nodes throws(MerkleError) in
                try InclusionProof(index: index, size: size, nodes: nodes).path
            } from: { plan throws(StoreError) in
                try StoredTree(session).hashes(plan)
            }
        }
    }

    package func keep(checkpoint note: String, size: UInt64) async throws(StoreError) {
        try await commits.perform { [fence = Lease.current] group throws(StoreError) in
            try fence?.check(group)
            guard size <= (try group.nextIndex()) else { throw .conflict(.missing) }
            let root = try StoredTree(group.session).root(size: size)
            try group.session.run(
                """
                INSERT INTO checkpoint (size, note, root) VALUES (?, ?, ?)
                ON CONFLICT (size) DO UPDATE SET note = excluded.note
                """,
                [.count(size), .text(note), .bytes(root.bytes)])
        }
    }

    package func checkpoints(limit: Int) async throws(StoreError) -> [KeptCheckpoint] {
        try await points.perform { session throws(StoreError) in
            try session.rows(
                "SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT ?", [.integer(Int64(limit))]
            ).map { (row) throws(StoreError) in
                KeptCheckpoint(size: try row.count(0), note: try row.text(1))
            }
        }
    }

    /// Computes the whole ledger again.
    ///
    /// - Parameter pause: Between a thousand leaves and the next.
    /// - Returns: The first index whose bytes, hash or subtree is not what it was; nil if all is well, or if the
    ///   task was cancelled.
    package func firstDamage(pause: Duration = .zero) async throws(StoreError) -> UInt64? {
        var walk = LedgerWalk()
        while true {
            let start = walk
            let (next, walked, damage) = try await scans.perform { session throws(StoreError) in
                var walk = start
                let (walked, damage) = try walk.step(session)
                return (walk, walked, damage)
            }
            guard damage == nil, walked > 0, !Task.isCancelled else { return damage }
            walk = next
            if pause > .zero { try? await Task.sleep(for: pause) }
        }
    }

    private static func proof(
        _ plan: () throws(MerkleError) -> ProofPlan,
        make: ([MerkleNode: MerkleHash]) throws(MerkleError) -> [MerkleHash],
        from nodes: (ProofPlan) throws(StoreError) -> [MerkleNode: MerkleHash]
    ) throws(StoreError) -> [[UInt8]] {
        do {
            return try make(nodes(plan())).map(\.bytes)
        } catch let error as StoreError {
            throw error
        } catch {
            throw .conflict(.missing)
        }
    }
}
