/// What each of many sources holds of something that is bounded, and how much more it may take: an eighth of what is free
/// (dynamic thresholds, Choudhury and Hahne 1998).
///
/// So one source alone gets a ninth, n sources that take all they can get 1/(8 + n) each, and one more finds as much as
/// any of them. The table is fixed: each source has a cell in either of two rows, by a hash that nobody outside can
/// compute, and what counts is the lower of the two. A source that shares both cells with others counts for more than it
/// holds, never for less.
struct SourceShares {
    /// What a source may hold of what is free.
    static let part = 8
    /// Cells of a row: 512 KiB for both.
    static let width = 65_536

    /// A source as it is remembered with what it took: where its cells are.
    struct Place: Hashable {
        fileprivate let first: UInt16
        fileprivate let second: UInt16

        /// - Parameter source: A network, as ``SourceNetwork`` has it.
        init(_ source: String) {
            var hasher = Hasher()
            hasher.combine(source)
            let hash = UInt64(bitPattern: Int64(hasher.finalize()))
            first = UInt16(truncatingIfNeeded: hash)
            second = UInt16(truncatingIfNeeded: hash >> 32)
        }
    }

    /// Empty until somebody takes.
    private var held: [UInt32] = []

    /// Whether it holds less than its share.
    func mayTake(_ place: Place, free: Int) -> Bool { self[place] < free / SourceShares.part }

    /// What it holds, at most.
    subscript(_ place: Place) -> Int {
        held.isEmpty ? 0 : Int(min(held[Int(place.first)], held[SourceShares.width + Int(place.second)]))
    }

    mutating func take(_ place: Place) {
        if held.isEmpty { held = [UInt32](repeating: 0, count: 2 * SourceShares.width) }
        held[Int(place.first)] += 1
        held[SourceShares.width + Int(place.second)] += 1
    }

    /// Must follow each ``take(_:)`` once.
    mutating func giveBack(_ place: Place, _ count: UInt32) {
        held[Int(place.first)] -= count
        held[SourceShares.width + Int(place.second)] -= count
    }

    /// Bytes that it takes, whatever comes.
    var size: Int { held.capacity * MemoryLayout<UInt32>.stride }
}
