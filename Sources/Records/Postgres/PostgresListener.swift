import Authority
import Posix
import Synchronization

/// Hears what other nodes committed, on a connection and a thread of its own.
final class PostgresListener: Sendable {
    private let door: PostgresDoor
    private let heard: @Sendable (String?) -> Void
    private let isOver = Atomic<Bool>(false)

    /// - Parameter heard: Called with each topic, and with nil after each new connection: something may have been
    ///   missed before it.
    init(_ door: PostgresDoor, _ heard: @escaping @Sendable (String?) -> Void) {
        self.door = door
        self.heard = heard
    }

    func start() throws(PosixError) {
        try BlockingThread.start { self.listen() }
    }

    /// Ends within a second.
    func stop() { isOver.store(true, ordering: .relaxed) }

    private func listen() {
        while !isOver.load(ordering: .relaxed) {
            if let link = try? door.open().link { try? listen(on: link) }
            guard !isOver.load(ordering: .relaxed) else { return }
            BlockingThread.pause(milliseconds: Int32.random(in: 250...500))
        }
    }

    private func listen(on link: PostgresLink) throws(LinkError) {
        let rows = try link.rows("SELECT \(PostgresServer.channel)", by: .answer)
        guard let channel = rows.first.flatMap({ try? $0.text(0) }) else { return }
        try link.run(["LISTEN \"\(channel)\""], by: .answer)
        heard(nil)
        while !isOver.load(ordering: .relaxed) {
            for topic in try link.notifications(by: .after(milliseconds: 500)) { heard(topic) }
        }
    }
}
