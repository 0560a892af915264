import Authority
import NIOCore
import SSHFormats
import SignerProtocol

/// Matches replies to requests by their ids and sends what one turn of the loop has gathered with one write.
final class SignerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    typealias Waiter = CheckedContinuation<Result<SignerReply, SignerError>, Never>

    /// Most requests in flight; more are told to try again.
    static let limit = 1_024
    /// How long the signer may be silent while requests wait.
    private static let patience = TimeAmount.seconds(5)

    private var context: ChannelHandlerContext?
    private var waiting: [UInt32: Waiter] = [:]
    private var nextID: UInt32 = 1
    private var decoder = FrameDecoder()
    private var outgoing = WireWriter()
    private var isWatching = false
    private var repliesSeen: UInt64 = 0
    private var lastFault: String?

    func submit(_ request: SignerRequest, _ waiter: Waiter) {
        guard let context, context.channel.isActive else {
            return waiter.resume(
                returning: .failure(.unavailable(reason: "the signer closed the connection")))
        }
        guard waiting.count < Self.limit else {
            return waiter.resume(
                returning: .failure(.unavailable(reason: "too many requests wait for the signer")))
        }
        let isFirst = outgoing.bytes.isEmpty
        request.frame(id: nextID).write(to: &outgoing)
        waiting[nextID] = waiter
        nextID = nextID == .max ? 1 : nextID + 1
        watch(context)
        if isFirst { context.eventLoop.assumeIsolated().execute { self.send() } }
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        failAll()
    }

    func channelInactive(context: ChannelHandlerContext) {
        failAll()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data).readableBytesView)
        do {
            while let frame = try decoder.next() { try take(frame) }
        } catch {
            lastFault = "the signer sent what is no reply"
            context.close(promise: nil)
        }
    }

    private func take(_ frame: Frame) throws {
        let reply = try SignerReply(frame)
        repliesSeen += 1
        if let waiter = waiting.removeValue(forKey: frame.id) {
            return waiter.resume(returning: .success(reply))
        }
        // A fault without a request is about the connection, which ends then.
        guard case .fault(let fault) = reply else { return }
        lastFault = "\(fault.code.rawValue): \(fault.reason)"
    }

    private func send() {
        guard let context, !outgoing.bytes.isEmpty else { return }
        let buffer = context.channel.allocator.buffer(bytes: outgoing.bytes)
        outgoing = WireWriter(capacity: 4_096)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    private func failAll() {
        let reason = lastFault ?? "the signer closed the connection"
        let orphans = waiting.values
        waiting = [:]
        for waiter in orphans { waiter.resume(returning: .failure(.unavailable(reason: reason))) }
    }

    /// Closes the connection when requests wait and nothing has come back for a while.
    private func watch(_ context: ChannelHandlerContext) {
        guard !isWatching else { return }
        isWatching = true
        let seen = repliesSeen
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.patience) {
            self.isWatching = false
            guard let context = self.context, !self.waiting.isEmpty else { return }
            guard self.repliesSeen != seen else {
                self.lastFault = "the signer is silent"
                return context.close(promise: nil)
            }
            self.watch(context)
        }
    }
}
