/// The text format of Prometheus 0.0.4.
package enum PrometheusText {
    package static let type = "text/plain; version=0.0.4; charset=utf-8"

    package static func text(_ metrics: [Metric]) async -> String {
        var lines: [String] = []
        for metric in metrics {
            lines.append("# HELP \(metric.name) \(metric.help)")
            lines.append("# TYPE \(metric.name) \(metric.kind.rawValue)")
            for sample in await metric.samples() { lines += self.lines(metric.name, sample) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(_ name: String, _ sample: Metric.Sample) -> [String] {
        switch sample.reading {
        case .number(let number): ["\(name)\(text(sample.labels)) \(text(number))"]
        case .histogram(let counts, let bounds): lines(name, counts, bounds, sample.labels)
        }
    }

    private static func lines(
        _ name: String, _ counts: Histogram.Counts, _ bounds: [Double],
        _ labels: [(name: String, value: String)]
    ) -> [String] {
        var sum: UInt64 = 0
        var lines = zip(bounds.map { String($0) } + ["+Inf"], counts.byBound).map { bound, count in
            sum += count
            return "\(name)_bucket\(text(labels + [("le", bound)])) \(sum)"
        }
        lines.append("\(name)_sum\(text(labels)) \(text(counts.sum))")
        lines.append("\(name)_count\(text(labels)) \(sum)")
        return lines
    }

    /// Our labels are ours; they are escaped all the same.
    private static func text(_ labels: [(name: String, value: String)]) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.map { label in
            let value = label.value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                .replacing("\n", with: "\\n")
            return "\(label.name)=\"\(value)\""
        }
        return "{\(pairs.joined(separator: ","))}"
    }

    private static func text(_ number: Double) -> String {
        guard number.isFinite else { return number.isNaN ? "NaN" : number < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: number).map { String($0) } ?? String(number)
    }
}
