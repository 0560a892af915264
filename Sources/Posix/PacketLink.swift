import CPosix
import Glibc

/// One end of a connection between two of our processes that keeps messages apart (unix(7), SOCK_SEQPACKET).
public final class PacketLink: Sendable {
    /// Longest message, in bytes.
    public static let longest = 4096
    private let socket: Descriptor

    private init(_ socket: Descriptor) { self.socket = socket }

    /// Both ends.
    public static func pair() throws(PosixError) -> (PacketLink, PacketLink) {
        var ends: [Int32] = [-1, -1]
        guard unsafe posix_packet_pair(&ends) == 0 else { throw .last("socketpair") }
        return (
            PacketLink(try Descriptor(ends[0], "socketpair")),
            PacketLink(try Descriptor(ends[1], "socketpair"))
        )
    }

    /// Takes over an end that this process was started with.
    public init(inherited number: Int32) throws(PosixError) {
        socket = try Descriptor(number, "inherit")
        guard fcntl(number, F_SETFD, FD_CLOEXEC) == 0 else { throw .last("fcntl") }
    }

    public var readiness: Readiness { Readiness(number: socket.number) }

    /// Sends one message at once; a closed peer is `EPIPE`, never a signal.
    ///
    /// - Throws: `EAGAIN` where the other end does not read.
    public func send(_ message: [UInt8]) throws(PosixError) {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        let sent = retry {
            unsafe message.withUnsafeBytes {
                unsafe Glibc.send(socket.number, $0.baseAddress, $0.count, flags)
            }
        }
        guard sent == message.count else { throw .last("send") }
    }

    /// The next message; empty when the other end is closed.
    ///
    /// - Throws: `ETIMEDOUT` after the deadline.
    public func receive(deadline: Deadline = .never) throws(PosixError) -> [UInt8] {
        if deadline != .never { try socket.wait(for: POLLIN, deadline: deadline, path: "link") }
        var bytes = [UInt8](repeating: 0, count: PacketLink.longest)
        let count = retry {
            unsafe bytes.withUnsafeMutableBytes { unsafe recv(socket.number, $0.baseAddress, $0.count, 0) }
        }
        guard count >= 0 else { throw .last("recv") }
        return Array(bytes.prefix(count))
    }

    /// Starts a program with a connection as its descriptor 3 and this end of the link as its 4; it gets no other.
    ///
    /// - Parameter arguments: Without the name of the program. Everyone on the machine can read them.
    public func start(
        _ path: String, _ arguments: [String], with connection: TCPConnection
    ) throws(PosixError) -> ChildProcess {
        var pointers = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        defer {
            while let pointer = unsafe pointers.popLast() { unsafe free(pointer) }
        }
        var pid: pid_t = 0
        let code = unsafe posix_start_with(
            path, &pointers, connection.socket.number, socket.number, &pid)
        guard code == 0 else { throw PosixError("posix_spawn", path: path, code: code) }
        return ChildProcess(adopting: pid)
    }
}
