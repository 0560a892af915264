/// The ledger as it is kept.
package protocol EventLog: Sendable {
    func treeSize() async throws(StoreError) -> UInt64
    /// Leaf bytes from `from`, at most `limit`.
    func leaves(from: UInt64, limit: Int) async throws(StoreError) -> [LedgerLeaf]
    /// Everything to sign the next checkpoint: size, root, and consistency with the size signed last. Without `end`
    /// of all there is.
    func growth(since size: UInt64, to end: UInt64?) async throws(StoreError) -> LedgerGrowth
    func inclusion(of index: UInt64, size: UInt64) async throws(StoreError) -> [[UInt8]]
    func keep(checkpoint note: String, size: UInt64) async throws(StoreError)
    /// Newest first.
    func checkpoints(limit: Int) async throws(StoreError) -> [KeptCheckpoint]
}

extension EventLog {
    package func growth(since size: UInt64) async throws(StoreError) -> LedgerGrowth {
        try await growth(since: size, to: nil)
    }
}

package struct LedgerLeaf: Hashable, Sendable {
    package let index: UInt64
    /// RFC 9162 §2.1.1 leaf hash of `bytes`, as stored beside it.
    package let hash: [UInt8]
    /// Empty where the event was pruned: its hash is all that is kept.
    package let bytes: [UInt8]

    package init(index: UInt64, hash: [UInt8], bytes: [UInt8]) {
        self.index = index
        self.hash = hash
        self.bytes = bytes
    }
}

package struct LedgerGrowth: Hashable, Sendable {
    package let size: UInt64
    package let root: [UInt8]
    /// RFC 9162 §2.1.4 consistency proof from the former size; empty from size 0.
    package let consistency: [[UInt8]]

    package init(size: UInt64, root: [UInt8], consistency: [[UInt8]]) {
        self.size = size
        self.root = root
        self.consistency = consistency
    }
}

package struct KeptCheckpoint: Hashable, Sendable {
    package let size: UInt64
    package let note: String

    package init(size: UInt64, note: String) {
        self.size = size
        self.note = note
    }
}
