import SSHFormats
import Synchronization

/// Says of most things that they are surely not stored, without a look into the database (a Bloom filter).
///
/// It says "perhaps" of everything that was added, of a few others, and of everything until it is complete. So an answer
/// of "no" is as good as the database's, as long as all that is stored passes here first.
final class PresenceFilter: Sendable {
    private struct State {
        var present: [UInt64]
        var former: [UInt64] = []
        var since: UnixTime?
        var isComplete = false
    }

    private let state: Mutex<State>
    private let mask: Int
    private let lasting: Int64?

    /// - Parameters:
    ///   - bits: A power of two; good for a tenth as many things.
    ///   - lasting: Seconds after which what is stored is stored no more; nil: it stays for ever.
    init(bits: Int, lasting: Int64? = nil) {
        precondition(bits >= 64 && bits & (bits - 1) == 0, "bits are counted in powers of two")
        mask = bits - 1
        self.lasting = lasting
        state = Mutex(State(present: [UInt64](repeating: 0, count: bits / 64)))
    }

    /// Before it is committed.
    func add(_ key: [UInt8], at now: UnixTime) {
        let places = places(of: key)
        state.withLock { state in
            forget(at: now, &state)
            for place in [places.0, places.1] { state.present[place >> 6] |= 1 << UInt64(place & 63) }
        }
    }

    /// From now on it holds all that is stored.
    func complete() { state.withLock { $0.isComplete = true } }

    /// False: surely not.
    func mayHold(_ key: [UInt8]) -> Bool {
        let places = places(of: key)
        return state.withLock { state in
            guard state.isComplete else { return true }
            return Self.holds(places, state.present) || Self.holds(places, state.former)
        }
    }

    /// What was added in the time before last is stored no more.
    private func forget(at now: UnixTime, _ state: inout State) {
        guard let lasting else { return }
        guard let since = state.since else {
            state.since = now
            return
        }
        guard now >= since.advanced(by: lasting) else { return }
        state.former = state.present
        state.present = [UInt64](repeating: 0, count: state.present.count)
        state.since = now
    }

    private static func holds(_ places: (Int, Int), _ words: [UInt64]) -> Bool {
        guard !words.isEmpty else { return false }
        return isSet(places.0, words) && isSet(places.1, words)
    }

    private static func isSet(_ place: Int, _ words: [UInt64]) -> Bool {
        words[place >> 6] & (1 << UInt64(place & 63)) != 0
    }

    /// Seeded anew by each process: nobody outside can choose things that share their places.
    private func places(of key: [UInt8]) -> (Int, Int) {
        var hasher = Hasher()
        hasher.combine(key)
        let hash = hasher.finalize()
        return (hash & mask, (hash >> 32) & mask)
    }
}
