import NIOCore
import NIOSSL

/// Ends a connection in time when the server shuts down. NIOSSL waits 5 s for the peer's close_notify, which idle
/// clients may never send; a client in the middle of its request has ``limit``.
final class Farewell: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    typealias OutboundIn = NIOAny

    /// How long a peer may take to say goodbye.
    private static let patience = TimeAmount.milliseconds(200)

    private let limit: TimeAmount
    private var isLeaving = false

    /// - Parameter limit: How long a request in flight may take, from the beginning of the shutdown.
    init(limit: TimeAmount) { self.limit = limit }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            isLeaving = true
            cut(context.channel, in: limit, of: context.eventLoop)
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Comes when there is no request, or its answer was written.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        let channel = context.channel
        let loop = context.eventLoop
        context.close(mode: mode, promise: promise)
        guard isLeaving, mode == .all else { return }
        cut(channel, in: Self.patience, of: loop)
    }

    /// Closes below TLS, unless what was written is still on its way: that has until the limit.
    private func cut(_ channel: any Channel, in time: TimeAmount, of loop: any EventLoop) {
        loop.assumeIsolated().scheduleTask(in: time) { [self] in
            guard channel.isActive else { return }
            let waiting = try? channel.syncOptions?.getOption(.bufferedWritableBytes)
            guard time >= limit || (waiting ?? 0) == 0 else {
                return cut(channel, in: Self.patience, of: loop)
            }
            let tls = try? channel.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
            guard let tls else { return channel.close(promise: nil) }
            tls.close(promise: nil)
        }
    }
}
