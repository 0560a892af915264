/// A bounded line in which sources take turns: whoever puts in much waits behind their own, not before the others.
struct FairLine<Work> {
    /// The most that may wait, of all sources together and of one.
    let limit: Int
    let limitPerSource: Int
    private(set) var count = 0
    /// Of each source that has something waiting, the oldest first.
    private var waiting: [String: [Work]] = [:]
    /// Those sources, the one whose turn it is first.
    private var turns: [String] = []

    init(limit: Int, limitPerSource: Int) {
        self.limit = limit
        self.limitPerSource = limitPerSource
    }

    enum Verdict {
        case taken
        /// Taken in the place of this one: the newest of the source with most waiting.
        case takenInstead(of: Work)
        case full
    }

    /// Where the line is full, the longest part of it makes room for a source that has less.
    mutating func join(_ work: Work, from source: String) -> Verdict {
        let own = waiting[source, default: []].count
        guard own < limitPerSource else { return .full }
        guard count >= limit else {
            add(work, from: source)
            return .taken
        }
        let longest = waiting.max { $0.value.count < $1.value.count }
        guard let longest, longest.value.count > own + 1, let displaced = longest.value.last else {
            return .full
        }
        waiting[longest.key]?.removeLast()
        count -= 1
        add(work, from: source)
        return .takenInstead(of: displaced)
    }

    /// The oldest of the source whose turn it is; that source then is the last.
    mutating func next() -> Work? {
        guard let source = turns.first, var own = waiting[source], !own.isEmpty else { return nil }
        turns.removeFirst()
        let work = own.removeFirst()
        count -= 1
        waiting[source] = own.isEmpty ? nil : own
        if !own.isEmpty { turns.append(source) }
        return work
    }

    /// Takes all that wait for which that holds.
    mutating func leave(where isGone: (Work) -> Bool) -> [Work] {
        var gone: [Work] = []
        for (source, own) in waiting {
            gone += own.filter(isGone)
            let left = own.filter { !isGone($0) }
            waiting[source] = left.isEmpty ? nil : left
        }
        count -= gone.count
        turns.removeAll { waiting[$0] == nil }
        return gone
    }

    private mutating func add(_ work: Work, from source: String) {
        if waiting[source] == nil { turns.append(source) }
        waiting[source, default: []].append(work)
        count += 1
    }
}
