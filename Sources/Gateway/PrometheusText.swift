import AuthorityAPI

/// The text format of Prometheus 0.0.4.
enum PrometheusText {
    static let type = "text/plain; version=0.0.4; charset=utf-8"

    static func text(_ tally: Tally, gauges: [Gauge]) async -> String {
        let all = tally.all()
        var lines = ["# HELP keyreeve_requests_total Answers by route and class of status."]
        lines.append("# TYPE keyreeve_requests_total counter")
        for (route, counts) in all { lines += requests(route, counts) }
        lines.append("# HELP keyreeve_request_seconds Time from the head of a request to its answer.")
        lines.append("# TYPE keyreeve_request_seconds histogram")
        for (route, counts) in all { lines += seconds(route, counts) }
        for gauge in gauges {
            lines.append("# HELP keyreeve_\(gauge.name) \(gauge.help)")
            lines.append("# TYPE keyreeve_\(gauge.name) gauge")
            lines.append("keyreeve_\(gauge.name) \(await gauge.value())")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func requests(_ route: Route?, _ counts: Tally.Counts) -> [String] {
        counts.byClass.enumerated().filter { $0.element > 0 }.map { digit, count in
            "keyreeve_requests_total{route=\"\(name(route))\",status=\"\(digit)xx\"} \(count)"
        }
    }

    private static func seconds(_ route: Route?, _ counts: Tally.Counts) -> [String] {
        let bounds = Tally.buckets.map { String($0) } + ["+Inf"]
        var sum: UInt64 = 0
        var lines = zip(bounds, counts.byBucket).map { bound, count in
            sum += count
            return "keyreeve_request_seconds_bucket{route=\"\(name(route))\",le=\"\(bound)\"} \(sum)"
        }
        lines.append("keyreeve_request_seconds_sum{route=\"\(name(route))\"} \(counts.seconds)")
        lines.append("keyreeve_request_seconds_count{route=\"\(name(route))\"} \(sum)")
        return lines
    }

    private static func name(_ route: Route?) -> String { route?.rawValue ?? "unknown" }
}
