/// Whether the time of day has jumped, for as long as somebody should know of it: until the jump is undone, or the clock
/// has gone evenly for a while and nothing contradicts it.
///
/// It is compared with a clock that only grows and that counts while the machine sleeps. Nobody can tell which of two
/// times is right, so the alarm stops nothing: a correction by NTP after a start with a dead battery looks the same.
package struct ClockAlarm: Sendable {
    /// A difference of both clocks that moves by more than this, in seconds, is a jump.
    package static let tolerance: UInt64 = 60
    /// For so long it has to go evenly, in seconds.
    package static let calm: UInt64 = 600

    package enum Change: Hashable, Sendable {
        /// By so many seconds since it last went evenly or jumped.
        case jumped(Int64)
        /// It shows what it would have shown without the jump.
        case undone
        /// What it shows has become the measure.
        case settled
    }

    /// Wall clock minus monotonic clock, in seconds, while all was well; nil before the first look.
    private var measure: Int64?
    /// The same since the last jump, and when that was by the monotonic clock.
    private var jumped: (offset: Int64, at: UInt64)?

    package init() {}

    package var isRaised: Bool { jumped != nil }
    /// How far it is off what it showed before, in seconds; nil without an alarm.
    package var distance: Int64? {
        guard let measure, let jumped else { return nil }
        return jumped.offset - measure
    }

    /// - Parameters:
    ///   - wall: Seconds since 1970.
    ///   - monotonic: Seconds since whenever.
    ///   - isContradicted: Whether something else says that the wall clock is wrong, such as events of the future.
    package mutating func look(wall: UInt64, monotonic: UInt64, isContradicted: Bool) -> Change? {
        let offset = Int64(clamping: wall) - Int64(clamping: monotonic)
        guard let measure else {
            self.measure = offset
            return nil
        }
        let moved = offset - (self.jumped?.offset ?? measure)
        guard moved.magnitude <= Self.tolerance else {
            guard isRaised, (offset - measure).magnitude <= Self.tolerance else {
                self.jumped = (offset, monotonic)
                return .jumped(moved)
            }
            self.jumped = nil
            return .undone
        }
        guard let jumped, monotonic - min(monotonic, jumped.at) >= Self.calm, !isContradicted else {
            return nil
        }
        self.measure = offset
        self.jumped = nil
        return .settled
    }
}
