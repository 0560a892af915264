package import Authority
package import SSHFormats
import Synchronization

/// Time that stands still until a test moves it, and bytes that are the same in every run.
package final class SteppedClock: Sendable {
    private struct State {
        var time: UnixTime
        var word: UInt64 = 0x6b65_7972_6565_7665
    }

    private let state: Mutex<State>

    package init(_ start: UnixTime = UnixTime(1_800_000_000)) { state = Mutex(State(time: start)) }

    package var now: UnixTime { state.withLock { $0.time } }

    package func step(_ seconds: Int64) { state.withLock { $0.time = $0.time.advanced(by: seconds) } }

    package func set(_ time: UnixTime) { state.withLock { $0.time = time } }

    /// SplitMix64, never the same twice.
    package func bytes(_ count: Int) -> [UInt8] {
        state.withLock { state in
            (0..<count).map { _ in
                state.word &+= 0x9e37_79b9_7f4a_7c15
                var mixed = state.word
                mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
                mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
                return UInt8(truncatingIfNeeded: mixed ^ (mixed >> 31))
            }
        }
    }

    package var world: World { World(now: { self.now }, random: { self.bytes($0) }) }
}
