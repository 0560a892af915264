import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL
import Posix

/// What it means when the transport throws.
enum ConnectionFault {
    /// The connection was there and broke: the request may have arrived.
    case lost(String)
    /// Nobody answered, or not in time.
    case unreachable(String)
    /// TLS did not accept the other side.
    case untrusted(String)

    init(_ error: any Error) {
        let sentence = Self.sentence(error)
        switch error {
        case let error as HTTPClientError where error == .remoteConnectionClosed || error == .uncleanShutdown:
            self = .lost(sentence)
        case is ChannelError, is IOError: self = .lost(sentence)
        case let error as NIOSSLError: self = Self.isTrust(error) ? .untrusted(sentence) : .lost(sentence)
        case is NIOSSLExtraError: self = .untrusted(sentence)
        default: self = .unreachable(sentence)
        }
    }

    static func sentence(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: error.shortDescription
        case let error as NIOConnectionError where error.connectionErrors.isEmpty: "the name is not known"
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { sentence($0.error) } ?? "no connection"
        case let error as IOError: PosixError("connection", code: error.errnoCode).description
        default: "\(error)"
        }
    }

    private static func isTrust(_ error: NIOSSLError) -> Bool {
        guard case .handshakeFailed = error else { return false }
        return true
    }
}
