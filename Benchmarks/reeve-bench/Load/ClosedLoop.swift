import NIOCore
import NIOHTTP1
import Posix

/// One connection of the load: sends a request, reads the answer, sends the next, until the window ends.
final class ClosedLoop: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let window: Window
    private let maker: RequestMaker
    private let prepared: [PreparedRequest]
    private var used = 0
    private let outcome: EventLoopPromise<Tally>
    private var tally = Tally()
    private var sentAt: UInt64 = 0
    private var status = HTTPResponseStatus.ok
    private var refusal = ""

    /// - Parameters:
    ///   - prepared: Used first; then requests are made as they are needed, or these again where nobody looks.
    ///   - outcome: Kept when the window has ended, failed when the connection ends before.
    init(
        window: Window, maker: RequestMaker, prepared: [PreparedRequest],
        outcome: EventLoopPromise<Tally>
    ) {
        self.window = window
        self.maker = maker
        self.prepared = prepared
        self.outcome = outcome
    }

    func channelActive(context: ChannelHandlerContext) { send(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = head.status
        case .body(let part):
            if status != .ok { refusal += String(buffer: part) }
        case .end: answered(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        outcome.fail(BenchFault("the server closed a connection"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        outcome.fail(error)
        context.close(promise: nil)
    }

    private func send(_ context: ChannelHandlerContext) {
        do {
            let request = try next()
            sentAt = MonotonicClock.now()
            context.write(wrapOutboundOut(.head(request.head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(request.body))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        } catch {
            errorCaught(context: context, error: error)
        }
    }

    private func next() throws -> PreparedRequest {
        if used == prepared.count, maker.mayRepeat { used = 0 }
        guard used < prepared.count else { return try maker.next() }
        defer { used += 1 }
        return prepared[used]
    }

    private func answered(_ context: ChannelHandlerContext) {
        let now = MonotonicClock.now()
        if status != .ok {
            tally.problem = tally.problem ?? "\(status.code) \(refusal)"
            refusal = ""
        }
        if window.contains(now) {
            if status == .ok { tally.latencies.append(now - sentAt) } else { tally.refused += 1 }
        }
        guard now < window.end else {
            outcome.succeed(tally)
            context.close(promise: nil)
            return
        }
        send(context)
    }
}
