import Posix

/// The newest timeline that this node has written on, kept over its restarts: a former primary that is the only one to
/// answer after a restart is known by it.
package struct TimelineFile: Sendable {
    private let file: DurableFile

    /// - Parameter path: A file of one line, the system's identifier and its timeline.
    package init(_ path: String) { file = DurableFile(path) }

    struct Line: Hashable, Sendable {
        /// PostgreSQL's own name for a primary and all that were copied from it.
        let system: String
        let timeline: Int64
    }

    /// - Throws: ``PostgresFault/timeline(_:)`` for a file that cannot be read: unknown means refused.
    func read() throws(PostgresFault) -> Line? {
        let bytes: [UInt8]?
        do throws(PosixError) { bytes = try file.readIfPresent(limit: 128) } catch {
            throw .timeline("\(error)")
        }
        guard let bytes else { return nil }
        let words = bytes.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
            .map { String(decoding: $0, as: UTF8.self) }
        guard words.count == 2, let system = words.first, let timeline = words.last.flatMap({ Int64($0) })
        else {
            throw .timeline("it is damaged")
        }
        return Line(system: system, timeline: timeline)
    }

    func write(_ line: Line) throws(PostgresFault) {
        do throws(PosixError) {
            try file.write(Array("\(line.system) \(line.timeline)\n".utf8), mode: 0o600)
        } catch {
            throw .timeline("\(error)")
        }
    }
}
