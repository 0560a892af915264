import Authority
import AuthorityAPI
import Synchronization
import Telemetry

/// Counts answers, their times and what came of them. Labels are bounded: the routes of the table, classes of status, and
/// codes of refusals.
final class Tally: Sendable {
    /// Upper bounds in seconds.
    static let buckets: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
    ]

    struct Counts: Sendable {
        /// By the first digit of the status, 1…5.
        var byClass = [UInt64](repeating: 0, count: 6)
        var times = Histogram.Counts(bounds: Tally.buckets.count)
    }

    /// By the names that the log has too.
    private let counts = Mutex<[String: Counts]>([:])
    private let refusals = Counter(Failure.codes)
    private let signIns = Counter(["done"] + Failure.codes)
    let certificates = Counter(CertificateAuthority.allCases.map(\.rawValue))

    func count(_ served: Served) {
        counts.withLock { counts in
            counts[served.name, default: Counts()].byClass[min(max(served.status / 100, 0), 5)] += 1
            counts[served.name, default: Counts()].times.note(served.seconds, in: Tally.buckets)
        }
        if let failure = served.failure { refusals.count(failure.code) }
        if served.route == .signInAnswer { signIns.count(served.failure?.code ?? "done") }
    }

    /// Counts so far, in the order of the tables.
    func all() -> [(route: String, counts: Counts)] {
        let now = counts.withLock { $0 }
        let names = Route.allCases.map(\.rawValue) + SCIMRoute.allCases.map(\.rawValue) + [Served.unknown]
        return names.compactMap { name in now[name].map { (name, $0) } }
    }
}

extension Tally {
    var metrics: [Metric] {
        [
            Metric("keyreeve_requests_total", .counter, "Answers by route and class of status.") { [self] in
                all().flatMap { route, counts in
                    counts.byClass.enumerated().filter { $0.element > 0 }.map { digit, count in
                        Metric.Sample(
                            .number(Double(count)),
                            labels: [("route", route), ("status", "\(digit)xx")])
                    }
                }
            },
            Metric(
                "keyreeve_request_seconds", .histogram, "Time from the head of a request to its answer."
            ) { [self] in
                all().map { route, counts in
                    Metric.Sample(
                        .histogram(counts.times, bounds: Tally.buckets),
                        labels: [("route", route)])
                }
            },
            .counter(
                "keyreeve_refusals_total", "Requests refused or failed, by code.", by: "code", refusals),
            .counter(
                "keyreeve_sign_ins_total", "Ends of sign-in conversations: done, or the code of the refusal.",
                by: "outcome", signIns),
            .counter(
                "keyreeve_certificates_total", "Certificates issued, by the authority that signed.",
                by: "authority", certificates),
        ]
    }
}
