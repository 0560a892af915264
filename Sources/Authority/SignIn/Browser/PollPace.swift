import SSHFormats
import Synchronization

/// How often somebody may ask whether something happened elsewhere (`slow_down`, RFC 8628 §3.5). By this process alone, and
/// only of conversations that it knows to be real.
final class PollPace: Sendable {
    /// Seconds from one answer to the next question, as the client is told; and the least of them that are taken, since
    /// both clocks are read in whole seconds.
    static let told = 3
    private static let least: Int64 = 2
    private static let most = 16_384

    private let last = Mutex<[String: UnixTime]>([:])

    /// Whether it is time. One that came too early counts as well: who hammers waits for ever.
    func take(_ id: String, at now: UnixTime) -> Bool {
        last.withLock { last in
            let isEarly = last[id].map { now < $0.advanced(by: Self.least) } ?? false
            if last.count >= Self.most { last = last.filter { now < $0.value.advanced(by: Self.least) } }
            if last.count >= Self.most { last.removeAll() }
            last[id] = now
            return !isEarly
        }
    }
}
