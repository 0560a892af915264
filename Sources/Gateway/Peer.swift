import Hummingbird
import NIOCore

/// The other end of a connection, as far as the door has to do with it.
struct Peer: InitializableFromSource, Sendable {
    /// Numeric, without port.
    let address: String
    private let channel: (any Channel)?

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
        address = PeerAddress.text(of: source.channel.remoteAddress)
    }

    /// A peer without a connection: there is nothing to close.
    init(address: String) {
        self.address = address
        channel = nil
    }

    /// Whether the connection has ended, and nobody will read an answer.
    var isGone: Bool { channel.map { !$0.isActive } ?? false }

    func close() { channel?.close(promise: nil) }

    /// Does it on the thread of this connection, which lives on when the connection has gone.
    func perform(after delay: Duration, _ work: @escaping @Sendable () -> Void) {
        channel?.eventLoop.scheduleTask(in: TimeAmount(delay), work)
    }

    /// Leaves a second for an answer to arrive.
    func closeSoon() {
        guard let channel else { return }
        channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
    }
}

/// The numeric address of a peer, without port: what the kernel says, never what a header claims.
enum PeerAddress {
    static func text(of address: SocketAddress?) -> String {
        guard let text = address?.ipAddress else { return "unknown" }
        let mapped = "::ffff:"
        guard text.hasPrefix(mapped), text.utf8.contains(UInt8(ascii: ".")) else { return text }
        return String(text.dropFirst(mapped.count))
    }
}
