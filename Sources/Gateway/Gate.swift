import NIOCore
import Synchronization

/// Counts connections by the address they come from.
final class SourceTable: Sendable {
    private let counts = Mutex<[String: Int]>([:])
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Whether one more from there may come in; then ``leave(_:)`` must follow.
    func enter(_ source: String) -> Bool {
        counts.withLock { counts in
            let present = counts[source, default: 0]
            guard present < limit else { return false }
            counts[source] = present + 1
            return true
        }
    }

    func leave(_ source: String) {
        counts.withLock { counts in
            guard let present = counts[source], present > 1 else {
                counts[source] = nil
                return
            }
            counts[source] = present - 1
        }
    }

    /// Connections that are open.
    var total: Int { counts.withLock { $0.values.reduce(0, +) } }
}

/// Stands in each connection and closes it at once if its source has too many.
final class SourceGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let table: SourceTable
    private var source: String?

    init(_ table: SourceTable) { self.table = table }

    func handlerAdded(context: ChannelHandlerContext) {
        let address = PeerAddress.text(of: context.remoteAddress)
        guard table.enter(address) else {
            context.close(promise: nil)
            return
        }
        source = address
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        if let source { table.leave(source) }
        source = nil
    }
}
