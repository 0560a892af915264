import Foundation
import Posix
import Synchronization
import TestKit

/// Stands between the records and their server, and breaks what passes.
final class PostgresProxy: Sendable {
    enum Mood: Sendable {
        case passes
        /// Ends the connection in place of the answer to the next commit, which the server has done.
        case losesCommit
        /// Ends the connection when a commit is about to be asked for, which the server never sees.
        case refusesCommit
        /// Ends every connection and takes no other.
        case gone
        /// Takes what comes and lets nothing through.
        case silent
        /// Holds every answer back for 2 s.
        case slow
    }

    private struct State {
        var mood = Mood.passes
        var breaks = 0
        var pairs: [(UnixConnection, UnixConnection)] = []
    }

    private let listener: UnixListener
    private let state = Mutex(State())
    private let server: String

    init(_ server: TestPostgres) throws {
        let folder = try TemporaryFolder().path
        self.server = server.socketFolder + "/.s.PGSQL.5432"
        listener = try UnixListener(folder + "/.s.PGSQL.5432")
        try BlockingThread.start { [weak self, listener] in
            while let client = try? listener.accept() {
                guard let self else { return }
                self.join(client)
            }
        }
    }

    /// The server's address, by way of here.
    func address(_ real: String, _ server: TestPostgres) -> String {
        let folder = (listener.path as NSString).deletingLastPathComponent
        return real.replacing(
            server.socketFolder.replacing("/", with: "%2F"), with: folder.replacing("/", with: "%2F"))
    }

    /// How often a commit was broken.
    var breaks: Int { state.withLock(\.breaks) }

    func become(_ mood: Mood) {
        let ended = state.withLock { state in
            state.mood = mood
            guard mood == .gone else { return [(UnixConnection, UnixConnection)]() }
            defer { state.pairs = [] }
            return state.pairs
        }
        for (client, server) in ended { end(client, server) }
    }

    private func join(_ client: UnixConnection) {
        guard state.withLock({ $0.mood != .gone }), let server = try? UnixConnection.connect(server) else {
            return client.shutdown()
        }
        state.withLock { $0.pairs.append((client, server)) }
        try? BlockingThread.start { self.carry(client, server, breaksIf: .refusesCommit, at: "COMMIT\0") }
        try? BlockingThread.start { self.carry(server, client, breaksIf: .losesCommit, at: "COMMIT\0") }
    }

    /// A statement is sent by its name once it was prepared, so a commit is asked for in plain text by a new
    /// connection only; its answer says COMMIT every time.
    private func carry(
        _ from: UnixConnection, _ to: UnixConnection, breaksIf mood: Mood, at mark: String
    ) {
        let isAnswer = mood == .losesCommit
        while let bytes = try? from.read(upTo: 65_536), !bytes.isEmpty {
            let breaks = state.withLock { state in
                guard state.mood == mood, bytes.contains(Array(mark.utf8)) else { return false }
                state.mood = .passes
                state.breaks += 1
                return true
            }
            if breaks { break }
            guard state.withLock({ $0.mood != .silent }) else { continue }
            if isAnswer, state.withLock({ $0.mood == .slow }) { BlockingThread.pause(milliseconds: 2_000) }
            guard (try? to.write(bytes)) != nil else { break }
        }
        end(from, to)
    }

    private func end(_ one: UnixConnection, _ other: UnixConnection) {
        one.shutdown()
        other.shutdown()
    }
}
