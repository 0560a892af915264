import Authority
import Posix
import Synchronization

/// Makes connections to the one server that may be written to, and knows which that was.
final class PostgresDoor: Sendable {
    private let address: PostgresAddress
    private let file: TimelineFile?
    private let known: Mutex<Known>

    private struct Known {
        /// The newest timeline seen: a server with an older one is a former primary.
        var timeline: Int64 = 0
        /// As it stands in the file.
        var kept: TimelineFile.Line?
        /// Whether that server holds everything that was confirmed, as who writes has found.
        var isComplete = true
    }

    /// A connection with what it leads to.
    struct Opened {
        let link: PostgresLink
        let server: PostgresServer
    }

    /// - Parameter file: What is known from before this process; nil: nothing.
    init(_ address: PostgresAddress, _ file: TimelineFile?) throws(PostgresFault) {
        self.address = address
        self.file = file
        known = Mutex(Known(kept: try file?.read()))
    }

    /// Asks every host and takes the one with the newest timeline, so that a former primary that still writes is not
    /// taken for the present one.
    ///
    /// - Parameter isComplete: Whether the server holds everything that was confirmed; nil: as who writes has found.
    func open(
        _ isComplete: ((Opened) throws(PostgresFault) -> Bool)? = nil
    ) throws(PostgresFault) -> Opened {
        var faults: [PostgresFault] = []
        var found: [Opened] = []
        for host in address.hosts {
            do throws(PostgresFault) { found.append(try open(host)) } catch { faults.append(error) }
        }
        guard let newest = found.max(by: { $0.server.timeline < $1.server.timeline }) else {
            throw Self.gravest(faults)
        }
        known.withLock { $0.timeline = max($0.timeline, newest.server.timeline) }
        guard known.withLock({ newest.server.timeline >= $0.timeline }) else { throw .stale }
        try keep(newest.server)
        if let isComplete {
            let answer = try isComplete(newest)
            known.withLock { $0.isComplete = answer }
        }
        guard known.withLock(\.isComplete) else { throw .stale }
        return newest
    }

    /// Refuses the former primary of an earlier life of this process, and remembers the present one for the next.
    private func keep(_ server: PostgresServer) throws(PostgresFault) {
        let line = TimelineFile.Line(system: server.system, timeline: server.timeline)
        let kept = known.withLock(\.kept)
        guard let file, kept != line else { return }
        if let kept, kept.system == line.system, kept.timeline > line.timeline { throw .stale }
        try file.write(line)
        known.withLock { $0.kept = line }
    }

    /// Whether a server was not left behind by a promotion and holds everything that was confirmed.
    func isCurrent(_ server: PostgresServer) -> Bool {
        known.withLock { server.timeline >= $0.timeline && $0.isComplete }
    }

    private func open(_ host: PostgresAddress.Host) throws(PostgresFault) -> Opened {
        let opened: Opened
        do throws(LinkError) {
            let link = try PostgresLink(host)
            opened = Opened(link: link, server: try PostgresServer(link))
        } catch {
            // libpq's words for a server that it may not choose by target_session_attrs.
            let isReadOnly = ["session is read-only", "server is in hot standby mode"]
                .contains(where: error.reason.contains)
            throw isReadOnly ? .readOnly : .unreachable(error.reason)
        }
        try opened.server.check()
        return opened
    }

    private static func gravest(_ faults: [PostgresFault]) -> PostgresFault {
        let others = faults.filter { fault in
            if case .unreachable = fault { return false }
            return fault != .readOnly
        }
        return others.first ?? faults.first ?? .unreachable("no host")
    }
}
