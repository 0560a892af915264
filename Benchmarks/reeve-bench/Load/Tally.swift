/// What one connection, or all of them, counted inside the window.
struct Tally: Sendable {
    /// Of each certificate that came, in nanoseconds from its request.
    var latencies: [UInt64] = []
    var refused = 0
    /// The first answer that was not a certificate, and when it came does not matter.
    var problem: String?

    static func + (left: Tally, right: Tally) -> Tally {
        Tally(
            latencies: left.latencies + right.latencies, refused: left.refused + right.refused,
            problem: left.problem ?? right.problem)
    }
}

/// The time that counts, in nanoseconds of the monotonic clock.
struct Window: Sendable {
    let start: UInt64
    let end: UInt64

    func contains(_ time: UInt64) -> Bool { start <= time && time < end }
}
