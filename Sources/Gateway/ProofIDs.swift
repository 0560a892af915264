import SSHFormats
import Synchronization

/// The ids of proofs that still could be used again (RFC 9449 §11.1). Bounded: when it is full it refuses, it never
/// forgets.
final class ProofIDs: Sendable {
    /// Ids by the second of their proof's `iat`, so that what has run out leaves in one step. Only hashes are kept,
    /// seeded anew by each process: nobody outside can make two ids collide.
    private struct State {
        var bySecond: [UInt64: Set<Int>] = [:]
        var count = 0
    }

    private let state = Mutex(State())
    private let limit: Int
    private let tolerance: UInt64

    /// - Parameters:
    ///   - limit: Most ids at once.
    ///   - tolerance: Seconds around now in which a proof counts.
    init(limit: Int, tolerance: UInt64) {
        self.limit = limit
        self.tolerance = tolerance
    }

    /// Takes the id of a proof for good.
    ///
    /// - Throws: ``DoorError/proofUsed``, ``DoorError/full(_:)``
    func take(_ id: String, by key: PublicKey, issuedAt: UnixTime, now: UnixTime) throws(DoorError) {
        var hasher = Hasher()
        hasher.combine(key)
        hasher.combine(id)
        let hash = hasher.finalize()
        let verdict = state.withLock { state -> DoorError? in
            forget(before: now.advanced(by: -Int64(clamping: tolerance)).seconds, in: &state)
            guard state.bySecond[issuedAt.seconds]?.contains(hash) != true else { return .proofUsed }
            guard state.count < limit else { return .full("proofs") }
            state.bySecond[issuedAt.seconds, default: []].insert(hash)
            state.count += 1
            return nil
        }
        if let verdict { throw verdict }
    }

    /// How many are held.
    var count: Int { state.withLock { $0.count } }

    private func forget(before second: UInt64, in state: inout State) {
        for old in state.bySecond.keys where old < second {
            state.count -= state.bySecond.removeValue(forKey: old)?.count ?? 0
        }
    }
}
