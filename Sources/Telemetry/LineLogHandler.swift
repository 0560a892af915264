package import Logging

/// Lines for machines, one per event: `time`, `level`, `message`, then the metadata. Takes text as it comes: see
/// ``LogLine``.
package struct LineLogHandler: LogHandler {
    /// Written in this order before all others, so that the eye finds them.
    private static let first = [
        "request", "route", "status", "code", "ms", "identity", "source",
    ]

    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    private let label: String
    private let format: LogFormat
    private let writer: LogWriter
    /// Nanoseconds since 1970 UTC.
    private let now: @Sendable () -> UInt64

    package init(
        label: String, level: Logger.Level, format: LogFormat, writer: LogWriter,
        now: @escaping @Sendable () -> UInt64
    ) {
        self.label = label
        logLevel = level
        self.format = format
        self.writer = writer
        self.now = now
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var line = LogLine(format)
        line.add("time", .text(LogTime.text(now())))
        line.add("level", .text(event.level.rawValue))
        line.add("logger", .text(label))
        line.add("message", .text(event.message.description))
        let given = event.metadata ?? [:]
        let all = metadata.isEmpty ? given : metadata.merging(given) { $1 }
        for key in LineLogHandler.first {
            if let value = all[key] { line.add(key, LineLogHandler.value(value)) }
        }
        for (key, value) in all.sorted(by: { $0.key < $1.key })
        where !LineLogHandler.first.contains(key) {
            line.add(key, LineLogHandler.value(value))
        }
        if let error = event.error { line.add("error", .text("\(error)")) }
        writer.add(line.ended())
    }

    private static func value(_ value: Logger.Metadata.Value) -> LogLine.Value {
        switch value {
        case .string(let text): .text(text)
        case .stringConvertible(let number as any BinaryInteger): .number(String(describing: number))
        case .stringConvertible(let number as Double):
            number.isFinite ? .number(String(describing: number)) : .text(String(describing: number))
        case .stringConvertible, .array, .dictionary: .text(value.description)
        }
    }
}
