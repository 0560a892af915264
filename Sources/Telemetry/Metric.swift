/// Something that operators watch: a name, what it means, and how to find out what it is now.
package struct Metric: Sendable {
    package enum Kind: String, Hashable, Sendable { case counter, gauge, histogram }

    package enum Reading: Hashable, Sendable {
        case number(Double)
        case histogram(Histogram.Counts, bounds: [Double])
    }

    package struct Sample: Sendable {
        package let labels: [(name: String, value: String)]
        package let reading: Reading

        package init(_ reading: Reading, labels: [(name: String, value: String)] = []) {
            self.reading = reading
            self.labels = labels
        }
    }

    /// `[a-z_]+`, with prefix and unit.
    package let name: String
    package let kind: Kind
    package let help: String
    /// None where it cannot be known at present.
    package let samples: @Sendable () async -> [Sample]

    package init(
        _ name: String, _ kind: Kind, _ help: String, samples: @escaping @Sendable () async -> [Sample]
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }

    /// One number; nil where it cannot be known at present.
    package static func gauge(
        _ name: String, _ help: String, _ value: @escaping @Sendable () async -> Double?
    ) -> Metric {
        Metric(name, .gauge, help) { await value().map { [Sample(.number($0))] } ?? [] }
    }

    /// One number that only grows while the process lives.
    package static func counter(
        _ name: String, _ help: String, _ value: @escaping @Sendable () async -> Double?
    ) -> Metric {
        Metric(name, .counter, help) { await value().map { [Sample(.number($0))] } ?? [] }
    }

    package static func counter(
        _ name: String, _ help: String, by label: String, _ counter: Counter<String>
    ) -> Metric {
        Metric(name, .counter, help) {
            counter.counts.map { Sample(.number(Double($0.count)), labels: [(label, $0.label)]) }
        }
    }

    package static func histogram(_ name: String, _ help: String, _ histogram: Histogram) -> Metric {
        Metric(name, .histogram, help) {
            [Sample(.histogram(histogram.counts, bounds: histogram.bounds))]
        }
    }
}
