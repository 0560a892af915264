/// When to take up the push stream again after it was lost.
///
/// The server says how far its agents have to spread out, by how many they are (`retry:`, WHATWG HTML §9.2.6); each waits a
/// random part of that, so a small fleet is back at once and a large one does not come all at once. While nobody
/// answers, or streams break as soon as they stand, the pause may be twice as long each time.
package struct Reconnection: Sendable {
    /// Seconds within which all agents of the server may come back; nil from a server that does not say.
    private var spread: Double?
    private var failures = 0

    /// The longest pause, in seconds.
    package static let longest = 60.0
    /// A stream that lasted so many seconds stood.
    private static let steady = 5.0
    /// What servers that do not say are given.
    private static let usual = 30.0

    /// How a stream ended.
    package enum Ending: Hashable, Sendable {
        /// The server closed it, or there is no other server: it may be starting anew, and many come back to it.
        case closed
        /// It broke, and there are other servers.
        case broken
    }

    package init() {}

    /// Takes what the server said last, in milliseconds; more than a minute is a minute.
    package mutating func heard(retry milliseconds: UInt64) {
        spread = min(Double(milliseconds) / 1000, Self.longest)
    }

    /// The pause before the next attempt, in seconds.
    ///
    /// - Parameter lasted: How long the stream stood, or the attempt took, in seconds.
    /// - Returns: 0 after a stream that stood and broke: the next server is asked at once.
    package mutating func pause(
        after lasted: Double, _ ending: Ending = .closed, using generator: inout some RandomNumberGenerator
    ) -> Double {
        failures = lasted >= Self.steady ? 0 : min(failures + 1, 16)
        guard failures > 0 || ending == .closed else { return 0 }
        return Double.random(in: 0...ceiling, using: &generator)
    }

    /// The longest that the next pause may be, in seconds.
    private var ceiling: Double {
        guard failures > 0 else { return spread ?? Self.usual }
        return min(max(spread ?? 1, 1) * Double(1 << failures), Self.longest)
    }
}
