import HummingbirdCore
import Logging
import NIOCore

/// Runs tasks on one event loop, so that a request stays on the thread that its bytes came in on.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// A connection whose requests are handled on its own event loop.
///
/// Left to the shared pool, each request changes threads at every part of HTTP that is read or written. What takes long
/// (password hashes, commits, scans) has threads of its own and never runs here.
struct LoopBoundChannel<Base: HTTPChannelHandler>: ServerChildChannel
where Base.Value: ServerChildChannelValue {
    let base: Base

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        base.setup(channel: channel, logger: logger)
    }

    func handle(value: Base.Value, logger: Logger) async {
        await withTaskExecutorPreference(LoopExecutor(value.channel.eventLoop)) {
            await base.handle(value: value, logger: logger)
        }
    }
}
