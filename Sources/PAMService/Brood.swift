import Posix
import Synchronization

/// The processes that a server of conversations started. With ``adoptsOrphans``, what a module's helpers left behind ends too, in
/// whatever session it is: a worker keeps its own while it lives, and what it leaves becomes this process's.
final class Brood: Sendable {
    private let workers = Mutex<Set<Int32>>([])
    private let adoptsOrphans: Bool
    /// Children from before: this process may have been a script that started services.
    private let others = Brood.children

    /// - Parameter adoptsOrphans: Whether each later child of this process that is no worker may be ended.
    init(adoptsOrphans: Bool) { self.adoptsOrphans = adoptsOrphans }

    /// Starts one; none that is being started is taken for an orphan.
    func start(_ start: () throws(PosixError) -> ChildProcess) throws(PosixError) -> ChildProcess {
        try workers.withLock { workers throws(PosixError) in
            let worker = try start()
            workers.insert(worker.pid)
            return worker
        }
    }

    /// Forgets a worker that has ended, and ends what it left behind.
    func forget(_ worker: ChildProcess) {
        workers.withLock { workers in
            workers.remove(worker.pid)
            guard adoptsOrphans else { return }
            // Those of an orphan become ours once it has ended. What has become another user's cannot be ended.
            for _ in 0..<Self.rounds {
                let orphans = Self.children.subtracting(workers).subtracting(others)
                guard !orphans.isEmpty else { return }
                for orphan in orphans.map(ChildProcess.init(adopting:)) {
                    orphan.kill()
                    _ = try? orphan.ending()
                }
                BlockingThread.pause(milliseconds: 5)  // polls: the kernel ends them a moment later
            }
        }
    }

    private static let rounds = 100

    /// Of all threads of this process (proc(5)).
    private static var children: Set<Int32> {
        let threads = (try? Folder("/proc/self/task").names()) ?? []
        let lists = threads.compactMap { thread in
            try? DurableFile("/proc/self/task/\(thread)/children").read(limit: 1 << 20)
        }
        return Set(
            lists.joined().split(separator: UInt8(ascii: " ")).compactMap { word in
                Int32(String(decoding: word, as: UTF8.self))
            })
    }
}
