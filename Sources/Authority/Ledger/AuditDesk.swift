import Ledger
import SSHFormats

/// Shows the ledger: events to auditors, checkpoints and proofs to anybody.
package struct AuditDesk: Sendable {
    package static let longestPage = 1000

    let log: any EventLog
    let policies: PolicyDesk
    let recorder: Recorder
    package let checkpoints: Checkpoints

    /// Leaves from `from`, at most `limit` and 1,000, with the size of the tree.
    package func events(
        from: UInt64, limit: Int, by requester: Requester
    ) async throws(AuthorityError) -> (leaves: [LedgerLeaf], size: UInt64) {
        // Taken before: that somebody looked stands behind what they see.
        let size: UInt64
        do { size = try await log.treeSize() } catch { throw .store(error) }
        try await policies.read(.auditor, requester, on: "ledger")
        guard from < size else { return ([], size) }
        do {
            let wanted = min(UInt64(min(max(limit, 1), AuditDesk.longestPage)), size - from)
            return (try await log.leaves(from: from, limit: Int(wanted)), size)
        } catch {
            throw .store(error)
        }
    }

    /// RFC 9162 §2.1.4 hashes, which show that one tree is the beginning of the other. For anybody: they tell nothing
    /// but that.
    package func consistency(from first: UInt64, to second: UInt64) async throws(AuthorityError) -> [[UInt8]]
    {
        do {
            let present = try await log.treeSize()
            guard first <= second, second <= present else {
                throw AuthorityError.refused(.badRequest, "first <= second <= \(present) must hold")
            }
            return try await log.growth(since: first, to: second).consistency
        } catch let error as StoreError {
            throw .store(error)
        } catch let error as AuthorityError {
            throw error
        } catch {
            throw .mismatch("\(error)")
        }
    }

    /// RFC 9162 §2.1.3 hashes from leaf to root.
    package func inclusion(
        of index: UInt64, size: UInt64, by requester: Requester
    ) async throws(AuthorityError) -> [[UInt8]] {
        try await policies.authorize(.auditor, requester, .denied, on: "ledger")
        do {
            let present = try await log.treeSize()
            guard index < size, size <= present else {
                throw AuthorityError.refused(.badRequest, "index < size <= \(present) must hold")
            }
            return try await log.inclusion(of: index, size: size)
        } catch let error as StoreError {
            throw .store(error)
        } catch let error as AuthorityError {
            throw error
        } catch {
            throw .mismatch("\(error)")
        }
    }
}
