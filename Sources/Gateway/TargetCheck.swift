import NIOCore
import NIOHTTP1

/// Refuses a request whose line names another server than its `Host` (absolute-form, RFC 9112 §3.2.2). The server stack
/// drops the first of them, and who stands in front of it may have gone by that one.
final class TargetCheck: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private var isRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        if case .head(let head) = unwrapInboundIn(data), TargetCheck.disagrees(head) {
            isRefused = true
            return refuse(context)
        }
        context.fireChannelRead(data)
    }

    /// Whatever follows on this connection may be meant for the other server: it is not read.
    private func refuse(_ context: ChannelHandlerContext) {
        let head = HTTPResponseHead(
            version: .http1_1, status: .badRequest, headers: ["Connection": "close", "Content-Length": "0"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    private static func disagrees(_ head: HTTPRequestHead) -> Bool {
        guard let named = authority(of: head.uri) else { return false }
        let host = head.headers["Host"]
        return host.count != 1 || host.first?.lowercased() != named.lowercased()
    }

    /// What stands between `//` and the path; nil for all other forms of target.
    private static func authority(of target: String) -> String? {
        guard target.utf8.first != UInt8(ascii: "/"), let scheme = target.firstRange(of: "://") else {
            return nil
        }
        return String(target[scheme.upperBound...].prefix { !"/?#".contains($0) })
    }
}

/// Puts a ``TargetCheck`` right behind the parser, where the request line is still whole.
final class TargetCheckPlacement: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(TargetCheck(), position: .after(parser))
        } catch {
            context.close(promise: nil)
        }
    }
}
