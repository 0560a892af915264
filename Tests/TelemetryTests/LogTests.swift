import Logging
import Synchronization
import Testing

@testable import Telemetry

@Suite struct `A line of the log` {
    /// Texts that would break a line, a quotation, a terminal or a parser.
    static let hostile = [
        "a\r\nlevel=error", "\u{1b}[31mred", "\u{0}", "\"", "\\", "a=b", "a b", "", "\u{2028}\u{85}\u{202e}",
        "é", "\u{1f511}", "\",\"level\":\"error", String(repeating: "x", count: 5_000),
    ]

    @Test(arguments: LogFormat.allCases, hostile)
    func `L06 is one line of printable ASCII, whatever it holds`(_ format: LogFormat, _ text: String) {
        var line = LogLine(format)
        line.add("message", .text(text))
        line.add(text, .text(text))
        let bytes = line.ended()
        #expect(bytes.last == UInt8(ascii: "\n"))
        #expect(bytes.dropLast().allSatisfy { (0x20...0x7e).contains($0) })
        #expect(bytes.count < 6 * 2 * LogLine.longestValue + 5_200)
    }

    @Test func `escapes as JSON does`() {
        var json = LogLine(.json)
        json.add("message", .text("a\"b\\c\nd\u{1b}é\u{1f511}"))
        json.add("status", .number("200"))
        #expect(
            String(decoding: json.ended(), as: UTF8.self)
                == #"{"message":"a\"b\\c\nd\u001b\u00e9\ud83d\udd11","status":200}"# + "\n")
        var logfmt = LogLine(.logfmt)
        logfmt.add("route", .text("GET /livez"))
        logfmt.add("source", .text("::1"))
        logfmt.add("ms", .number("0.5"))
        #expect(
            String(decoding: logfmt.ended(), as: UTF8.self)
                == #"route="GET /livez" source=::1 ms=0.5"# + "\n")
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400_001_000_000, "2000-02-29T00:00:00.001Z"),
            (1_795_972_800_123_999_999, "2026-11-29T17:20:00.123Z"),
            (4_107_542_399_000_000_000, "2100-02-28T23:59:59.000Z"),
        ] as [(UInt64, String)])
    func `has its time in UTC`(_ nanoseconds: UInt64, _ text: String) {
        #expect(LogTime.text(nanoseconds) == text)
    }

    @Test func `has time, level and message first, and what is under its level not at all`() {
        let out = Written()
        let writer = LogWriter(format: .logfmt) { out.add($0) }
        var logger = Logger(label: "test") { label in
            LineLogHandler(label: label, level: .info, format: .logfmt, writer: writer, now: { 0 })
        }
        logger[metadataKey: "zone"] = "a"
        logger.debug("hidden")
        logger.info("served", metadata: ["status": .stringConvertible(200), "request": "r1", "after": "x"])
        writer.flush()
        #expect(
            out.text == "time=1970-01-01T00:00:00.000Z level=info logger=test message=served request=r1 "
                + "status=200 after=x zone=a\n")
    }
}

@Suite struct `The writer of the log` {
    @Test func `keeps the order and loses nothing that fits`() async {
        let out = Written()
        let writer = LogWriter(format: .logfmt) { out.add($0) }
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask { for number in 0..<500 { writer.add(Array("\(task) \(number)\n".utf8)) } }
            }
        }
        writer.flush()
        let lines = out.text.split(separator: "\n")
        #expect(lines.count == 4_000)
        for task in 0..<8 {
            let own = lines.filter { $0.hasPrefix("\(task) ") }
            #expect(own.map(String.init) == (0..<500).map { "\(task) \($0)" })
        }
    }

    @Test func `holds no more than its limit and says how much was lost`() {
        let out = Written()
        let gate = Mutex(())
        let writer = LogWriter(
            limit: 100, format: .logfmt,
            write: { bytes in
                gate.withLock { _ in }
                out.add(bytes)
            })
        gate.withLock { _ in
            for _ in 0..<1_000 { writer.add(Array("123456789\n".utf8)) }
        }
        writer.flush()
        let lines = out.text.split(separator: "\n")
        let lost = lines.compactMap { $0.split(separator: "lost=").dropFirst().first.flatMap { Int($0) } }
            .reduce(0, +)
        #expect(lost >= 1_000 - 20)
        #expect(lines.count { !$0.contains("lost=") } == 1_000 - lost)
    }
}

/// Keeps what is written.
final class Written: Sendable {
    private let bytes = Mutex<[UInt8]>([])
    func add(_ more: [UInt8]) { bytes.withLock { $0 += more } }
    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
}
