import AsyncHTTPClient
public import AuthorityAPI
import NIOCore
import NIOSSL
public import Names
public import Posix
public import SSHFormats

/// Calls an authority: HTTP/1.1 over TLS to the server that was pinned, each request proven by the caller's key
/// (RFC 9449). A copy shares the connections; ``close()`` ends them for all copies and must be called once.
public struct AuthorityConnection: Sendable {
    /// How long things may take.
    public struct Limits: Hashable, Sendable {
        /// Seconds to connect, and as many for TLS, where there is one server.
        public var connect: Int64 = 5
        /// The same where there is another server to go to.
        public var connectBeforeNext: Int64 = 2
        /// Seconds from the request to the end of its answer.
        public var request: Int64 = 30
        /// The same where there is another server to go to.
        public var requestBeforeNext: Int64 = 15
        /// Longest pause, in seconds, that a server which has no time may ask for and get.
        public var retryAfter: UInt64 = 2
        /// Seconds without any byte after which an event stream counts as lost; the server sends a remark every 15 s.
        public var silence: Int64 = 60
        /// Longest answer, in bytes.
        public var reply = 64 << 20
        public init() {}
    }

    public let limits: Limits
    let key: DPoPKey?
    let token: Secret<String>?
    let now: @Sendable () -> UInt64
    let voucher: Voucher?
    let client: HTTPClient
    let order: ServerOrder
    let nonces: ProofNonces

    /// Says for the request with this proof whom a front door speaks for: the value of ``APIHeader/door``.
    public typealias Voucher = @Sendable (_ proof: String) throws(ClientError) -> String

    /// Nothing is connected before the first call.
    ///
    /// - Parameters:
    ///   - servers: All that the authority has. Each client has its own order of them, by its key.
    ///   - key: What proves the caller. Without it only routes for anyone can be called.
    ///   - token: Of a session that is bound to `key`.
    ///   - voucher: For a front door: goes along with each request that it may make for others.
    ///   - now: Seconds since 1970, for the proofs.
    /// - Throws: ``ClientError/untrusted(_:)`` when the pinned root cannot be read.
    public init(
        servers: [ServerAddress], trust: ServerTrust, key: DPoPKey?, token: Secret<String>? = nil,
        limits: Limits = Limits(), voucher: Voucher? = nil,
        now: @escaping @Sendable () -> UInt64 = { WallClock.now() }
    ) throws(ClientError) {
        order = ServerOrder(servers, client: key?.publicKey.blob ?? [])
        nonces = ProofNonces()
        self.limits = limits
        self.key = key
        self.token = token
        self.voucher = voucher
        self.now = now
        client = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: try Self.configuration(trust, limits, servers.count))
    }

    private init(_ other: AuthorityConnection, token: Secret<String>?) {
        order = other.order
        nonces = other.nonces
        limits = other.limits
        key = other.key
        now = other.now
        voucher = other.voucher
        client = other.client
        self.token = token
    }

    /// The same connections, speaking for this session.
    public func signedIn(with token: Secret<String>) -> AuthorityConnection {
        AuthorityConnection(self, token: token)
    }

    /// The servers of the authority, in the order in which this client tries them when all are well.
    public var servers: [ServerAddress] { order.all }
    /// What the requests are proven with, and sessions are bound to; nil where nothing is proven.
    public var publicKey: PublicKey? { key?.publicKey }

    /// Goes on with other servers of the same authority, for all copies; an empty list changes nothing.
    public func turn(to servers: [ServerAddress]) { order.replace(servers) }

    /// Ends all connections. Faults while ending change nothing and are not reported.
    public func close() async { try? await client.shutdown() }

    private static func configuration(
        _ trust: ServerTrust, _ limits: Limits, _ servers: Int
    ) throws(ClientError) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try tls(trust), redirectConfiguration: .disallow,
            timeout: .init(
                connect: .seconds(servers > 1 ? limits.connectBeforeNext : limits.connect),
                read: .seconds(limits.silence)),
            decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    private static func tls(_ trust: ServerTrust) throws(ClientError) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        guard case .root(let pem) = trust else { return tls }
        do {
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)))
        } catch {
            throw .untrusted("the pinned root of the server cannot be read")
        }
        return tls
    }
}
