import PAMProtocol
package import Posix
import Synchronization

/// The socket that conversations come in on: a worker process for each, few at a time, none for long.
///
/// It reads nothing that a peer sends: the connection itself is handed to the worker.
package final class PAMServer: Sendable {
    /// How the workers are.
    package struct Settings: Sendable {
        /// The program that is a worker, as ``Worker``; its arguments follow.
        package let program: String
        package let arguments: [String]
        /// Most at a time.
        package let workers: Int
        /// Seconds after which one is ended, whatever it does.
        package let seconds: UInt64

        package init(program: String, arguments: [String], workers: Int, seconds: UInt64) {
            self.program = program
            self.arguments = arguments
            self.workers = workers
            self.seconds = seconds
        }
    }

    private let settings: Settings
    private let listener: UnixListener
    private let admitted: Set<UInt32>
    private let log: @Sendable (String) -> Void
    private let running = Mutex(0)
    private let brood: Brood

    /// - Parameters:
    ///   - admitted: Users that may connect (SO_PEERCRED); everyone else is turned away.
    ///   - adoptsOrphans: Whether this process starts no others, and has said ``ProcessHardening/adoptOrphans()``.
    ///   - log: Takes sentences, without what was said in a conversation.
    package init(
        _ settings: Settings, listener: UnixListener, admitted: Set<UInt32>, adoptsOrphans: Bool = false,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.settings = settings
        self.listener = listener
        self.admitted = admitted
        self.log = log
        brood = Brood(adoptsOrphans: adoptsOrphans)
    }

    /// How many workers there are now.
    package var workers: Int { running.withLock { $0 } }

    /// Serves until the process ends, on the thread that calls: workers end with it (PR_SET_PDEATHSIG).
    package func run() {
        while true {
            do throws(PosixError) { try admit(try listener.accept()) } catch {
                log("a conversation could not begin: \(error)")
                BlockingThread.pause(milliseconds: 100)
            }
        }
    }

    private func admit(_ connection: UnixConnection) throws(PosixError) {
        guard admitted.contains(try connection.peer().uid) else {
            log("a user who may not connect was turned away")
            return turnAway(connection, "this user may not connect")
        }
        let isFree = running.withLock { count in
            guard count < settings.workers else { return false }
            count += 1
            return true
        }
        guard isFree else { return turnAway(connection, "all workers are taken") }
        do throws(PosixError) { try start(connection) } catch {
            running.withLock { $0 -= 1 }
            turnAway(connection, "no worker could be started")
            throw error
        }
    }

    private func start(_ connection: UnixConnection) throws(PosixError) {
        let worker = try brood.start { () throws(PosixError) in
            try ChildProcess(settings.program, settings.arguments, talkingOn: connection)
        }
        do throws(PosixError) {
            try BlockingThread.start(stack: 262_144) { [self] in watch(worker, connection) }
        } catch {
            _ = worker.finish(before: .after(milliseconds: 0), talkingOn: connection)
            brood.forget(worker)
            throw error
        }
    }

    private func watch(_ worker: ChildProcess, _ connection: UnixConnection) {
        // One second more than the worker gives itself, so that it can say goodbye.
        let deadline = Deadline.after(milliseconds: settings.seconds * 1_000 + 1_000)
        let ending = worker.finish(before: deadline, talkingOn: connection)
        brood.forget(worker)
        connection.shutdown()
        running.withLock { $0 -= 1 }
        switch ending {
        case .ended(0), .abandoned: break
        case .ended(let status): log("a worker ended with status \(status)")
        case .late: log("a worker took longer than \(settings.seconds) seconds and was ended")
        }
    }

    private func turnAway(_ connection: UnixConnection, _ reason: String) {
        try? connection.write(PAMReply.turnedAway(reason).frame.bytes, deadline: .after(milliseconds: 100))
    }
}
