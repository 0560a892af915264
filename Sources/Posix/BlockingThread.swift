import CPosix
import Glibc

/// A thread for work that waits in the kernel, away from Swift's own few threads.
public enum BlockingThread {
    /// Starts a thread that runs `body` and ends with it.
    ///
    /// - Parameter stack: Bytes reserved for it.
    /// - Throws: `EAGAIN` when there may be no more threads; `body` is not run then.
    public static func start(
        stack: Int = 1_048_576, _ body: @escaping @Sendable () -> Void
    ) throws(PosixError) {
        let work = unsafe Unmanaged.passRetained(Work(body))
        let code = unsafe posix_thread(
            stack,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        guard code == 0 else {
            unsafe work.release()
            throw PosixError("pthread_create", code: code)
        }
    }

    /// Waits that long.
    public static func pause(milliseconds: Int32) { _ = poll(nil, 0, milliseconds) }

    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
