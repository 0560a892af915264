import SSHFormats
import Synchronization

/// The ids of proofs that still could be used again (RFC 9449 §11.1). Bounded: when it is full it refuses, it never
/// forgets. Where sources are told apart, one that holds its share is refused long before.
final class ProofIDs: Sendable {
    /// What came with proofs of one `iat`. Only hashes are kept, seeded anew by each process: nobody outside can make two
    /// ids collide.
    private struct Second {
        var ids: Set<Int> = []
        var takers: [SourceShares.Place: UInt32] = [:]
    }

    /// By the second of `iat`, so that what has run out leaves in one step.
    private struct State {
        var bySecond: [UInt64: Second] = [:]
        var count = 0
        var shares = SourceShares()
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
    /// - Parameter network: Of a stranger, whose share it is taken from. Nil for callers who are known.
    /// - Throws: ``DoorError/proofUsed``, ``DoorError/tooMany(seconds:)`` where that network holds its share,
    ///   ``DoorError/full(_:)``
    func take(
        _ id: String, by key: PublicKey, from network: String? = nil, issuedAt: UnixTime, now: UnixTime
    ) throws(DoorError) {
        var hasher = Hasher()
        hasher.combine(key)
        hasher.combine(id)
        let hash = hasher.finalize()
        let place = network.map { SourceShares.Place($0) }
        let verdict = state.withLock { state -> DoorError? in
            forget(before: now.advanced(by: -Int64(clamping: tolerance)).seconds, in: &state)
            if state.bySecond[issuedAt.seconds]?.ids.contains(hash) == true { return .proofUsed }
            if let refusal = refusal(of: place, state, now: now) { return refusal }
            state.bySecond[issuedAt.seconds, default: Second()].ids.insert(hash)
            state.count += 1
            guard let place else { return nil }
            state.bySecond[issuedAt.seconds]?.takers[place, default: 0] += 1
            state.shares.take(place)
            return nil
        }
        if let verdict { throw verdict }
    }

    /// How many are held.
    var count: Int { state.withLock { $0.count } }

    private func refusal(of place: SourceShares.Place?, _ state: State, now: UnixTime) -> DoorError? {
        guard state.count < limit else { return .full("proofs") }
        guard let place, !state.shares.mayTake(place, free: limit - state.count) else { return nil }
        guard state.shares[place] > 0 else { return .full("proofs") }
        return .tooMany(seconds: wait(state, now))
    }

    /// Seconds until something leaves.
    private func wait(_ state: State, _ now: UnixTime) -> UInt64 {
        let (end, isOver) = (state.bySecond.keys.min() ?? 0).addingReportingOverflow(tolerance)
        guard !isOver, end >= now.seconds else { return 1 }
        return end - now.seconds + 1
    }

    private func forget(before second: UInt64, in state: inout State) {
        for old in state.bySecond.keys where old < second {
            guard let gone = state.bySecond.removeValue(forKey: old) else { continue }
            state.count -= gone.ids.count
            for (place, count) in gone.takers { state.shares.giveBack(place, count) }
        }
    }
}
