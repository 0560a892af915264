import Authority
import NIOCore
import SignerProtocol

/// A connection that stands: its channel and the handler that keeps the requests in flight.
struct SignerLink: Sendable {
    let channel: any Channel
    private let handler: NIOLoopBound<SignerHandler>

    /// Adds the handler; call on the channel's loop.
    init(on channel: any Channel) throws {
        let handler = SignerHandler()
        try channel.pipeline.syncOperations.addHandler(handler)
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    }

    /// Sends a request and waits for its reply.
    ///
    /// - Returns: The reply, which may be a fault; or ``SignerError/unavailable(reason:)`` when the
    ///   connection ended first.
    func ask(_ request: SignerRequest) async -> Result<SignerReply, SignerError> {
        await withCheckedContinuation { continuation in
            channel.eventLoop.execute { handler.value.submit(request, continuation) }
        }
    }
}
