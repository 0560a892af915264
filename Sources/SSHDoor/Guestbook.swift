/// Who is at the door, and what becomes of them: decided from times and counts alone.
///
/// A connection waits until its client has said something, then gets a worker. Of those who wait, whoever came last goes
/// first, and where there are too many, the oldest of the source that has most goes: a flood of half-open connections
/// pushes out itself. A client who knows what it wants stands in no line for longer than the flood's own last connection.
package struct Guestbook: Sendable {
    package typealias Guest = Int

    package enum Phase: Hashable, Sendable {
        /// No worker yet.
        case waiting
        /// Before common keys.
        case arriving
        case signingIn
        /// Has a session, and shows further factors.
        case steppingUp
        case inside
    }

    private struct Entry {
        let source: String
        let arrivedAt: Double
        var phase = Phase.waiting
        /// The client has said something.
        var hasSpoken = false
        var deadline: Double
    }

    private let limits: DoorLimits
    private var entries: [Guest: Entry] = [:]
    private var allowances: SourceAllowances
    private var last = 0

    package init(_ limits: DoorLimits) {
        self.limits = limits
        allowances = SourceAllowances(limits)
    }

    package var count: Int { entries.count }
    /// Sources whose doings are remembered.
    package var remembered: Int { allowances.count }
    package func phase(of guest: Guest) -> Phase? { entries[guest]?.phase }
    package func source(of guest: Guest) -> String? { entries[guest]?.source }

    /// A new connection.
    ///
    /// - Returns: Its number, and who has to go for it.
    package mutating func enter(from address: String, now: Double) -> (guest: Guest, evicted: [Guest]) {
        let source = DoorSource.of(address)
        var evicted: [Guest] = []
        let waiting = { (entry: Entry) in entry.phase == .waiting }
        if count(of: source, where: waiting) >= limits.mostWaitingPerSource {
            evicted += removeOldest(of: source, where: waiting)
        } else if count(where: waiting) >= limits.mostWaiting {
            evicted += removeOldest(of: busiest(where: waiting), where: waiting)
        }
        last += 1
        entries[last] = Entry(source: source, arrivedAt: now, deadline: now + Double(limits.greeting))
        return (last, evicted)
    }

    /// The client has sent its first bytes.
    package mutating func spoke(_ guest: Guest) { entries[guest]?.hasSpoken = true }

    /// Whether something new can come from this guest: one who has spoken and waits for a worker has nothing to add.
    package func isWatched(_ guest: Guest) -> Bool {
        entries[guest].map { $0.phase != .waiting || !$0.hasSpoken } ?? false
    }

    /// Who gets a worker now, and who has to go for it. Some clients wait for the server's first word: after half a second
    /// they get a worker too, as long as few do that.
    package mutating func next(now: Double) -> (guest: Guest, evicted: [Guest])? {
        let ready = entries.filter { guest, entry in
            entry.phase == .waiting && isDue(entry, now) && allowances.wait(entry.source, now: now) == 0
        }
        guard let (guest, entry) = ready.max(by: { $0.key < $1.key }) else { return nil }
        let arriving = { (entry: Entry) in entry.phase == .arriving }
        let unproven = { (entry: Entry) in entry.phase == .arriving || entry.phase == .signingIn }
        var evicted: [Guest] = []
        // Whoever has common keys has shown to be a client: they go last.
        let isOwnFull = count(of: entry.source, where: unproven) >= limits.mostUnprovenPerSource
        if isOwnFull || count(where: unproven) >= limits.mostUnproven {
            let source = isOwnFull ? entry.source : nil
            let isMeant = count(of: source, where: arriving) > 0 ? arriving : unproven
            evicted += removeOldest(of: source ?? busiest(where: isMeant), where: isMeant)
        }
        guard count(where: { $0.phase != .waiting }) < limits.mostWorkers else { return nil }
        allowances.spend(1, by: entry.source, now: now)
        entries[guest]?.phase = .arriving
        entries[guest]?.deadline = now + Double(limits.keyExchange)
        return (guest, evicted)
    }

    /// The worker says that its client got this far. No phase comes twice, and none before the one that it follows.
    ///
    /// - Returns: Whether that can be.
    package mutating func reached(_ phase: Phase, _ guest: Guest, now: Double) -> Bool {
        switch (entries[guest]?.phase, phase) {
        case (.arriving, .signingIn): entries[guest]?.deadline = now + Double(limits.signIn)
        case (.signingIn, .steppingUp): entries[guest]?.deadline = now + Double(limits.signIn)
        case (.signingIn, .inside), (.steppingUp, .inside):
            entries[guest]?.deadline = now + Double(limits.session)
        default: return false
        }
        entries[guest]?.phase = phase
        return true
    }

    /// Something that costs the source of this guest more than a worker.
    package mutating func charge(_ cost: Double, _ guest: Guest, now: Double) {
        guard let source = entries[guest]?.source else { return }
        allowances.spend(cost, by: source, now: now)
    }

    package mutating func leave(_ guest: Guest) { entries[guest] = nil }

    /// Those whose time is over; they are to be put out.
    package func overdue(now: Double) -> [Guest] {
        entries.filter { $0.value.deadline <= now }.map(\.key).sorted()
    }

    /// When to look again at the latest.
    package func nextMoment(now: Double) -> Double? {
        entries.values.flatMap { entry -> [Double] in
            guard entry.phase == .waiting else { return [entry.deadline] }
            let due = entry.hasSpoken ? now : max(entry.arrivedAt + Self.silence, now)
            let allowed = now + allowances.wait(entry.source, now: now)
            return [entry.deadline, max(due, allowed, now + Self.pause)]
        }.min()
    }

    /// Seconds after which a silent client gets a worker.
    private static let silence = 0.5
    /// Shortest pause between two looks for the same reason.
    private static let pause = 0.05

    private func isDue(_ entry: Entry, _ now: Double) -> Bool {
        if entry.hasSpoken { return true }
        let arriving = { (other: Entry) in other.phase == .arriving && !other.hasSpoken }
        return now >= entry.arrivedAt + Self.silence
            && count(of: entry.source, where: arriving) < limits.mostUnprovenPerSource / 2
            && count(where: arriving) < limits.mostUnproven / 2
    }

    private func count(of source: String? = nil, where isMeant: (Entry) -> Bool) -> Int {
        entries.values.count { (source ?? $0.source) == $0.source && isMeant($0) }
    }

    /// The source that has most; of several, the one that has been there for longest.
    private func busiest(where isMeant: (Entry) -> Bool) -> String {
        var counts: [String: (count: Int, oldest: Guest)] = [:]
        for (guest, entry) in entries where isMeant(entry) {
            let held = counts[entry.source] ?? (0, guest)
            counts[entry.source] = (held.count + 1, min(held.oldest, guest))
        }
        return counts.max { ($0.value.count, -$0.value.oldest) < ($1.value.count, -$1.value.oldest) }?.key
            ?? ""
    }

    private mutating func removeOldest(of source: String, where isMeant: (Entry) -> Bool) -> [Guest] {
        let oldest = entries.filter { $0.value.source == source && isMeant($0.value) }.keys.min()
        guard let oldest else { return [] }
        entries[oldest] = nil
        return [oldest]
    }
}
