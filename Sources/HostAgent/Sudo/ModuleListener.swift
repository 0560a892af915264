package import Logging
import Posix
import Synchronization

/// The socket that `pam_reeve.so` asks on; root alone may connect.
package final class ModuleListener: Sendable {
    /// Most that are answered at a time; a further one is refused.
    private static let most = 256
    /// Milliseconds for reading a question and writing its answer.
    private static let patience: UInt64 = 4_000

    private let listener: UnixListener
    private let service: ModuleService
    private let log: Logger
    private let running = Mutex(0)

    /// - Parameter path: In a folder that root alone may write to; made where it is missing.
    /// - Throws: ``Fault`` `pam-socket`, `path-unsafe`.
    package init(
        _ path: String, service: ModuleService,
        log: Logger = Logger(label: "reeve-agent") { _ in SwiftLogNoOpLogHandler() }
    ) throws(Fault) {
        self.service = service
        self.log = log
        let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? path
        do throws(PosixError) { try FileTree.make(folder) } catch { throw Fault("pam-socket", "\(error)") }
        try SafePath.check(folder)
        do throws(PosixError) { listener = try UnixListener(path, mode: 0o600, backlog: 1_024) } catch {
            throw Fault("pam-socket", "\(error)")
        }
    }

    /// Serves until the process ends, on a thread of its own.
    package func start() throws(Fault) {
        do throws(PosixError) {
            try BlockingThread.start(stack: 262_144) { [self] in
                while true { accept() }
            }
        } catch {
            throw Fault("pam-socket", "\(error)")
        }
    }

    private func accept() {
        do throws(PosixError) {
            let connection = try listener.accept()
            let isFree = running.withLock { count in
                guard count < Self.most else { return false }
                count += 1
                return true
            }
            guard isFree else { return reply(.no(SudoRefusal.busy.sentence), connection, within: 0) }
            do throws(PosixError) {
                try BlockingThread.start { [self] in
                    converse(connection)
                    running.withLock { $0 -= 1 }
                }
            } catch {
                running.withLock { $0 -= 1 }
                throw error
            }
        } catch {
            log.warning("a question of pam_reeve was lost", metadata: ["reason": "\(error)"])
            BlockingThread.pause(milliseconds: 20)
        }
    }

    private func converse(_ connection: UnixConnection) {
        let deadline = Deadline.after(milliseconds: Self.patience)
        do throws(PosixError) {
            guard try connection.peer().uid == 0 else { return }
            let head = try connection.read(exactly: 4, deadline: deadline)
            let count = head.reduce(0) { $0 << 8 | Int($1) }
            guard (1...ModuleRequest.limit).contains(count) else {
                return reply(.no(SudoRefusal.unreadable.sentence), connection, within: Self.patience)
            }
            let frame = try connection.read(exactly: count, deadline: deadline)
            reply(service.answer(frame), connection, within: Self.patience)
        } catch {
            // Whoever asked has gone, or says nothing; without an answer it is refused.
        }
    }

    private func reply(_ reply: ModuleReply, _ connection: UnixConnection, within milliseconds: UInt64) {
        try? connection.write(reply.frame, deadline: .after(milliseconds: milliseconds))
    }
}
