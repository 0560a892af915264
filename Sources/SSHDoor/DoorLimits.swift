/// How much the door takes on, and how long it waits. Seconds and counts.
package struct DoorLimits: Hashable, Sendable {
    /// Connections that wait for a worker: in all, and of one source.
    package var mostWaiting = 512
    package var mostWaitingPerSource = 64
    /// Workers whose client has not proven anything yet: in all, and for one source.
    package var mostUnproven = 64
    package var mostUnprovenPerSource = 16
    /// Workers in all.
    package var mostWorkers = 256

    /// For the client's first bytes.
    package var greeting: UInt64 = 10
    /// From the start of a worker to common keys.
    package var keyExchange: UInt64 = 10
    /// From then to a session; a person may have to fetch a phone, or sign in by a browser. As long again for the further
    /// factors that grants ask for.
    package var signIn: UInt64 = 300
    /// From then to the end.
    package var session: UInt64 = 60

    /// Workers a second for one source in the long run, and at once after a quiet time.
    package var workersPerSecond = 4.0
    package var workersAtOnce = 40.0
    /// What else counts as that many workers: a refused sign-in, broken SSH, a worker that crashed.
    package var refusalCost = 10.0
    package var breachCost = 2.0
    package var crashCost = 60.0
    /// Longest time that a source is kept waiting for what it did.
    package var longestPenalty = 60.0
    /// Sources that are remembered.
    package var mostSources = 65_536

    package init() {}
}
