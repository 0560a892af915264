import Posix
import Testing

@testable import Telemetry

@Suite struct `A metric` {
    @Test func `is written as Prometheus reads it`() async {
        let counter = Counter(["a", "b\"\\\n"])
        counter.count("a", by: 3)
        counter.count("stranger")
        let histogram = Histogram(bounds: [0.5, 1])
        for value in [0.1, 0.5, 0.7, 9] { histogram.note(value) }
        let text = await PrometheusText.text([
            .counter("x_total", "Things.", by: "kind", counter),
            .histogram("x_seconds", "Times.", histogram),
            .gauge("x_size", "Size.") { 2.5 }, .gauge("x_unknown", "Not known.") { nil },
        ])
        #expect(
            text == """
                # HELP x_total Things.
                # TYPE x_total counter
                x_total{kind="a"} 3
                x_total{kind="b\\"\\\\\\n"} 0
                # HELP x_seconds Times.
                # TYPE x_seconds histogram
                x_seconds_bucket{le="0.5"} 2
                x_seconds_bucket{le="1.0"} 3
                x_seconds_bucket{le="+Inf"} 4
                x_seconds_sum 10.3
                x_seconds_count 4
                # HELP x_size Size.
                # TYPE x_size gauge
                x_size 2.5
                # HELP x_unknown Not known.
                # TYPE x_unknown gauge

                """)
    }

    @Test func `X07 has no more labels than it was made with`() {
        let counter = Counter(["a"])
        for number in 0..<10_000 { counter.count("hostile-\(number)") }
        #expect(counter.counts.map(\.label) == ["a"])
    }

    @Test func `of the process is near what the kernel says`() async throws {
        let usage = try #require(ProcessUsage.now)
        #expect(usage.residentBytes > 1_048_576)
        #expect(usage.cpuSeconds > 0)
        #expect(try #require(ProcessUsage.openDescriptors) >= 3)
        #expect(try #require(ProcessUsage.mostDescriptors) >= 64)
        let now = Double(WallClock.now())
        #expect(try #require(ProcessUsage.startedAt) <= now + 1)
        #expect(try #require(ProcessUsage.startedAt) > now - 86_400)
    }
}
