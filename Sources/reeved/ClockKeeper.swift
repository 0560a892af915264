import Diagnosis
import Gateway
import Logging
import Posix
import Records
import SSHFormats
import ServiceLifecycle
import Synchronization
import Telemetry

/// Watches the clock of this machine, by which certificates begin and end. A jump of more than 60 s raises an alarm, in
/// the log, on `/readyz` and in a metric, and what `reeved doctor` would say of clock and certificates is looked at again.
/// Nothing is stopped by it.
final class ClockKeeper: Service {
    /// Seconds between two looks.
    private static let pause = 5

    private struct State {
        var alarm = ClockAlarm()
        var jumpedAt: UnixTime?
        /// What was found when it was looked at last, while the alarm is raised.
        var findings: [Finding] = []
    }

    private let records: Records
    private let configuration: Configuration
    private let folder: DataFolder
    private let logger: Logger
    private let now: @Sendable () -> UnixTime
    private let state = Mutex(State())
    private let jumps = Counter(["forward", "backward"])

    init(
        records: Records, configuration: Configuration, folder: DataFolder, logger: Logger,
        now: @escaping @Sendable () -> UnixTime
    ) {
        self.records = records
        self.configuration = configuration
        self.folder = folder
        self.logger = logger
        self.now = now
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                await look()
                try? await Task.sleep(for: .seconds(Self.pause))
            }
        }
    }

    var check: ReadinessCheck { ReadinessCheck("clock") { [self] in degradation } }

    var metric: Metric {
        .counter(
            "keyreeve_clock_jumps_total", "Jumps of the clock by more than 60 s.", by: "direction", jumps)
    }

    private var degradation: Degradation? {
        state.withLock { state in
            guard let distance = state.alarm.distance, let at = state.jumpedAt else { return nil }
            let found = state.findings.map { "; \($0.text)" }.joined()
            return Degradation(
                .works,
                "the clock jumped at \(at.utcText) and shows \(Self.words(distance)) than before\(found)")
        }
    }

    private static func words(_ distance: Int64) -> String {
        "\(distance.magnitude) s \(distance < 0 ? "less" : "more")"
    }

    private func look() async {
        let isRaised = state.withLock { $0.alarm.isRaised }
        let contradicted = isRaised ? await examine().contains { $0.code == ClockExamination.behind } : false
        let (wall, monotonic) = (now(), MonotonicClock.now() / 1_000_000_000)
        let (change, distance) = state.withLock { state in
            let change = state.alarm.look(
                wall: wall.seconds, monotonic: monotonic, isContradicted: contradicted)
            if case .jumped = change { state.jumpedAt = wall }
            return (change, state.alarm.distance)
        }
        switch change {
        case .jumped(let seconds): await alarm(seconds, at: wall, distance ?? seconds)
        case .undone:
            logger.notice("the clock shows again what it would without the jump")
            report(await examine().filter { $0.severity == .failure })
        case .settled: logger.notice("the clock has gone evenly since it jumped, and is taken as right")
        case nil: break
        }
    }

    private func alarm(_ seconds: Int64, at wall: UnixTime, _ distance: Int64) async {
        jumps.count(seconds < 0 ? "backward" : "forward")
        let expected = UnixTime(UInt64(clamping: Int64(clamping: wall.seconds) - seconds))
        logger.error(
            "ALARM: the clock jumped",
            metadata: [
                "code": "clock-jump", "seconds": "\(seconds)", "shows": "\(wall.utcText)",
                "expected": "\(expected.utcText)",
            ])
        report(await examine())
    }

    private func report(_ findings: [Finding]) {
        for finding in findings {
            logger.error(
                "\(finding.text)",
                metadata: ["code": "\(finding.code)", "advice": "\(finding.advice ?? "")"])
        }
    }

    /// What is not well by the time that the clock shows now.
    private func examine() async -> [Finding] {
        let now = now()
        let newest = try? await records.newestEvent()
        let findings =
            ClockExamination(now: now, newest: newest).findings
            + CertificateExamination(configuration: configuration, folder: folder, now: now).findings
        let bad = findings.filter { $0.severity.isWrong }
        state.withLock { $0.findings = bad }
        return bad
    }
}
