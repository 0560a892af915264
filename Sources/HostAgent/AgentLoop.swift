package import Logging
import Posix
package import SSHFormats
import Synchronization

/// Rounds for ever: at each push of the authority, every few minutes as well, and after a jump of the clock.
package struct AgentLoop: Sendable {
    /// How often.
    package struct Pace: Sendable {
        /// Between rounds without a push.
        package var poll: Duration = .seconds(300)
        /// Between two looks at the clock.
        package var look: Duration = .seconds(20)
        package init() {}
    }

    private let keeper: HostKeeper
    private let port: any AuthorityPort
    private let log: Logger
    private let pace: Pace
    private let now: @Sendable () -> UnixTime

    package init(
        keeper: HostKeeper, port: any AuthorityPort,
        log: Logger = Logger(label: "reeve-agent") { _ in SwiftLogNoOpLogHandler() }, pace: Pace = Pace(),
        now: @escaping @Sendable () -> UnixTime
    ) {
        self.keeper = keeper
        self.port = port
        self.log = log
        self.pace = pace
        self.now = now
    }

    /// Returns when its task is cancelled.
    package func run() async {
        // One waiting signal is enough: a round brings everything up to date.
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await listen { signal.yield() } }
            group.addTask { await poll { signal.yield() } }
            signal.yield()
            for await _ in signals { _ = await keeper.sync() }
            group.cancelAll()
        }
    }

    /// Holds the push stream, and takes it up again when it was lost.
    private func listen(_ wake: @escaping @Sendable () -> Void) async {
        let reconnection = Mutex(Reconnection())
        var random = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            var ending = Reconnection.Ending.closed
            let began = MonotonicClock.now()
            do throws(AuthorityFault) {
                try await port.events { push in
                    switch push {
                    case .state: wake()
                    case .retry(let milliseconds):
                        reconnection.withLock { $0.heard(retry: milliseconds) }
                    }
                }
            } catch {
                if case .unreachable = error, port.serverCount > 1 { ending = .broken }
                log.warning("push stream lost", metadata: ["reason": "\(error.fault)"])
            }
            let lasted = Double(MonotonicClock.now() - began) / 1e9
            let pause = reconnection.withLock { $0.pause(after: lasted, ending, using: &random) }
            try? await Task.sleep(for: .milliseconds(Int64(pause * 1000)), clock: .continuous)
            // What was pushed meanwhile is lost, so look.
            wake()
        }
    }

    private func poll(_ wake: @escaping @Sendable () -> Void) async {
        var watch = ClockWatch()
        var next = ContinuousClock.now + pace.poll
        while !Task.isCancelled {
            try? await Task.sleep(for: pace.look, clock: .continuous)
            if let jump = watch.jump(wall: now().seconds, monotonic: MonotonicClock.now() / 1_000_000_000) {
                log.critical(
                    "ALARM: the clock jumped", metadata: ["code": "clock-jump", "seconds": "\(jump)"])
                wake()
            }
            guard ContinuousClock.now >= next else { continue }
            next = ContinuousClock.now + pace.poll * Double.random(in: 0.9...1.1)
            wake()
        }
    }
}
