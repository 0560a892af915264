import Posix
package import Telemetry

/// Lines of the door on standard error, as all our programs write them. Names, answers and keys never stand in one.
package struct DoorLog: Sendable {
    private let format: LogFormat

    package init(_ format: LogFormat) { self.format = format }

    package func note(_ message: String, _ fields: [(String, String)] = []) {
        var line = LogLine(format)
        line.add("time", .text(LogTime.text(WallClock.nanoseconds())))
        line.add("level", .text("info"))
        line.add("logger", .text("reeve-door"))
        line.add("message", .text(message))
        for (key, value) in fields { line.add(key, .text(value)) }
        StandardError.write(line.ended())
    }
}
