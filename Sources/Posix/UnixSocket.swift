import CPosix
import Glibc

/// A Unix stream socket that listens on a path. Blocking; use it from a thread of its own.
public final class UnixListener: Sendable {
    public let path: String
    private let socket: Descriptor

    /// Binds and listens. A socket file that nobody answers on is replaced.
    ///
    /// - Parameter mode: Permission bits of the socket file, set before anyone can connect.
    /// - Throws: `EADDRINUSE` when somebody listens there; `ENAMETOOLONG` from 108 bytes on.
    public init(_ path: String, mode: UInt32 = 0o600, backlog: Int32 = 64) throws(PosixError) {
        self.path = path
        socket = try Descriptor(posix_unix_socket(), "socket", path: path)
        // The kernel makes the file with the mode of the socket, so there is no moment with a wider one.
        guard fchmod(socket.number, mode) == 0 else { throw .last("fchmod", path: path) }
        try bind()
        guard unsafe chmod(path, mode) == 0 else { throw .last("chmod", path: path) }
        guard Glibc.listen(socket.number, backlog) == 0 else { throw .last("listen", path: path) }
    }

    /// Waits for the next peer.
    ///
    /// - Throws: `ETIMEDOUT` after the deadline; `EMFILE` and the like, after which one may try again.
    public func accept(deadline: Deadline = .never) throws(PosixError) -> UnixConnection {
        while true {
            try socket.wait(for: POLLIN, deadline: deadline, path: path)
            let number = posix_accept(socket.number)
            if number == -1, errno == EINTR || errno == ECONNABORTED || errno == EAGAIN { continue }
            return UnixConnection(try Descriptor(number, "accept", path: path), path: path)
        }
    }

    private func bind() throws(PosixError) {
        if unsafe posix_unix_bind(socket.number, path) == 0 { return }
        guard errno == EADDRINUSE, isStale else { throw .last("bind", path: path) }
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .last("unlink", path: path) }
        guard unsafe posix_unix_bind(socket.number, path) == 0 else { throw .last("bind", path: path) }
    }

    /// True for a socket file whose process is gone. Leaves `errno` at EADDRINUSE otherwise.
    private var isStale: Bool {
        let isSocket = (try? DurableFile(path).access().isSocket) ?? false
        if isSocket, let probe = try? Descriptor(posix_unix_socket(), "socket"),
            unsafe posix_unix_connect(probe.number, path) == -1, errno == ECONNREFUSED
        {
            return true
        }
        errno = EADDRINUSE
        return false
    }
}

/// One end of a Unix stream connection. Blocking; closed when the last owner lets go.
public final class UnixConnection: Sendable {
    /// Who is at the other end, as the kernel noted at connect (SO_PEERCRED, unix(7)).
    public struct Peer: Hashable, Sendable {
        public let pid: Int32
        public let uid: UInt32
        public let gid: UInt32
    }

    private let socket: Descriptor
    private let path: String

    var number: Int32 { socket.number }

    init(_ socket: Descriptor, path: String) {
        self.socket = socket
        self.path = path
    }

    /// The connection that this process was started with; no program that it starts inherits it.
    ///
    /// - Throws: `EBADF` when there is none.
    public convenience init(inherited number: Int32) throws(PosixError) {
        guard fcntl(number, F_SETFD, FD_CLOEXEC) == 0 else { throw .last("fcntl") }
        self.init(try Descriptor(number, "fcntl"), path: "descriptor \(number)")
    }

    /// Two ends of one connection, both in this process.
    public static func pair() throws(PosixError) -> (UnixConnection, UnixConnection) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw .last("socketpair") }
        return (
            UnixConnection(try Descriptor(ends[0], "socketpair"), path: "a pair"),
            UnixConnection(try Descriptor(ends[1], "socketpair"), path: "a pair")
        )
    }

    /// - Throws: `ENOENT` when there is no socket; `ECONNREFUSED` when nobody listens.
    public static func connect(_ path: String) throws(PosixError) -> UnixConnection {
        let socket = try Descriptor(posix_unix_socket(), "socket", path: path)
        guard retry({ unsafe posix_unix_connect(socket.number, path) }) == 0 else {
            throw .last("connect", path: path)
        }
        return UnixConnection(socket, path: path)
    }

    public func peer() throws(PosixError) -> Peer {
        var peer = posix_peer()
        guard unsafe posix_peer_of(socket.number, &peer) == 0 else { throw .last("getsockopt", path: path) }
        return Peer(pid: peer.pid, uid: peer.uid, gid: peer.gid)
    }

    /// Whatever has arrived, at least one byte, at most `limit`; empty when the peer has closed.
    public func read(upTo limit: Int, deadline: Deadline = .never) throws(PosixError) -> [UInt8] {
        var fault: PosixError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            do throws(PosixError) {
                count = try unsafe read(into: UnsafeMutableRawBufferPointer(buffer), deadline: deadline)
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
        return bytes
    }

    /// Exactly `count` bytes.
    ///
    /// - Throws: `ECONNRESET` when the peer closes before that; `ETIMEDOUT` after the deadline.
    public func read(exactly count: Int, deadline: Deadline = .never) throws(PosixError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try read(upTo: count - bytes.count, deadline: deadline)
            guard !more.isEmpty else { throw PosixError("read", path: path, code: ECONNRESET) }
            bytes += more
        }
        return bytes
    }

    /// Sends all bytes; a closed peer is `EPIPE`, never a signal.
    public func write(_ bytes: [UInt8], deadline: Deadline = .never) throws(PosixError) {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        var done = 0
        while done < bytes.count {
            let sent = retry {
                unsafe bytes[done...].withUnsafeBytes {
                    unsafe send(socket.number, $0.baseAddress, $0.count, flags)
                }
            }
            if sent >= 0 {
                done += sent
                continue
            }
            guard errno == EAGAIN || errno == EWOULDBLOCK else { throw .last("send", path: path) }
            try socket.wait(for: POLLOUT, deadline: deadline, path: path)
        }
    }

    /// Ends the connection for both sides; a thread that waits in a read here gets an empty answer.
    public func shutdown() { _ = Glibc.shutdown(socket.number, Int32(SHUT_RDWR)) }

    private func read(
        into buffer: UnsafeMutableRawBufferPointer, deadline: Deadline
    ) throws(PosixError) -> Int {
        if deadline != .never { try socket.wait(for: POLLIN, deadline: deadline, path: path) }
        let count = retry { unsafe recv(socket.number, buffer.baseAddress, buffer.count, 0) }
        guard count >= 0 else { throw .last("recv", path: path) }
        return count
    }
}

extension Descriptor {
    /// - Throws: `ETIMEDOUT` when the deadline passes first.
    func wait(for events: Int32, deadline: Deadline, path: String) throws(PosixError) {
        let ready = retry { posix_wait(number, Int16(truncatingIfNeeded: events), deadline.pollTime) }
        guard ready >= 0 else { throw .last("poll", path: path) }
        guard ready > 0 else { throw PosixError("poll", path: path, code: ETIMEDOUT) }
    }
}
