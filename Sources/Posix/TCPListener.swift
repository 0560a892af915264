import CPosix
import Glibc

/// A TCP socket that listens. Nothing here waits: see ``Readiness``.
public final class TCPListener: Sendable {
    private let socket: Descriptor
    private let place: String

    /// - Parameters:
    ///   - host: Numeric address.
    ///   - port: 0 lets the system choose.
    /// - Throws: `EADDRINUSE`; `EACCES` below port 1024; `EINVAL` for anything but a numeric address.
    public init(host: String, port: Int, backlog: Int32 = 512) throws(PosixError) {
        place = "\(host) port \(port)"
        socket = try Descriptor(unsafe posix_tcp_listen(host, "\(port)", backlog), "listen", path: place)
    }

    public var readiness: Readiness { Readiness(number: socket.number) }

    /// The port that it listens on.
    public func port() throws(PosixError) -> Int {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = unsafe withUnsafeMutableBytes(of: &address) { bytes in
            guard let base = bytes.baseAddress else { return Int32(-1) }
            return unsafe getsockname(
                socket.number, base.assumingMemoryBound(to: sockaddr.self), &length)
        }
        guard code == 0 else { throw .last("getsockname", path: place) }
        // Both families have the port at the same place, in network order.
        return unsafe withUnsafeBytes(of: &address) { unsafe Int($0[2]) << 8 | Int($0[3]) }
    }

    /// The next connection; nil when nobody waits.
    ///
    /// - Throws: `EMFILE` and the like, after which one may try again.
    public func accept() throws(PosixError) -> TCPConnection? {
        while true {
            var address = [CChar](repeating: 0, count: 64)
            let number = unsafe posix_tcp_accept(socket.number, &address, UInt32(address.count))
            if number == -1, errno == EINTR || errno == ECONNABORTED { continue }
            if number == -1, errno == EAGAIN || errno == EWOULDBLOCK { return nil }
            let text = String(
                decoding: address.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            return TCPConnection(try Descriptor(number, "accept", path: place), peer: text)
        }
    }
}

/// A connection that somebody made to us; closed when the last owner lets go.
public final class TCPConnection: Sendable {
    let socket: Descriptor
    /// Numeric, without port and zone; an IPv4 address is written as one, however it came.
    public let peer: String

    init(_ socket: Descriptor, peer: String) {
        self.socket = socket
        let mapped = "::ffff:"
        let isMapped = peer.hasPrefix(mapped) && peer.utf8.contains(UInt8(ascii: "."))
        let bare = isMapped ? peer.dropFirst(mapped.count) : peer[...]
        self.peer = String(bare.prefix { $0 != "%" })
    }

    public var readiness: Readiness { Readiness(number: socket.number) }

    /// What has arrived, up to `limit` bytes, without taking it; empty when the peer has closed, nil when nothing is there.
    public func peek(_ limit: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: limit)
        let flags = Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)
        let count = retry {
            unsafe bytes.withUnsafeMutableBytes {
                unsafe recv(socket.number, $0.baseAddress, $0.count, flags)
            }
        }
        guard count >= 0 else { return errno == EAGAIN || errno == EWOULDBLOCK ? nil : [] }
        return Array(bytes.prefix(count))
    }
}

/// Something that can be waited for together with others.
public struct Readiness: Hashable, Sendable {
    let number: Int32

    /// Waits until one of them has something to read, or has ended.
    ///
    /// - Returns: Which, by their places in the list; none when the deadline passed.
    public static func wait(for all: [Readiness], deadline: Deadline) throws(PosixError) -> [Int] {
        var entries = all.map { pollfd(fd: $0.number, events: Int16(POLLIN), revents: 0) }
        let count = retry { unsafe poll(&entries, nfds_t(entries.count), deadline.pollTime) }
        guard count >= 0 else { throw .last("poll") }
        return entries.indices.filter { entries[$0].revents != 0 }
    }
}
