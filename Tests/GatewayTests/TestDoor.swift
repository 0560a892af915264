import Authority
import AuthorityAPI
import Crypto
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Names
import SSHFormats
import Synchronization
import TestKit
import Testing

@testable import Gateway

/// A door with a real authority behind it, and nothing behind that but memory.
struct TestDoor: Sendable {
    static let now = UnixTime(1_800_000_000)
    static let token = "canary-token-7f3a"

    let door: Door
    let store: InMemoryStore
    let signer: FakeSigner
    let lines = LogLines()
    /// The key that alice's session is bound to.
    let key: DPoPKey
    /// The key that web1's agent registered.
    let hostKey: DPoPKey

    init(
        readiness: [ReadinessCheck] = [ReadinessCheck("signer") { Degradation(.works, "shares our user") }],
        workshop: (any TaskExecutor)? = nil, adjust: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws {
        let (key, hostKey) = (try DPoPKey(), try DPoPKey())
        let store = InMemoryStore(now: { TestDoor.now })
        try await TestDoor.furnish(store, key: key, hostKey: hostKey)
        try await self.init(store, key, hostKey, readiness, workshop, adjust)
    }

    /// A second server of the same authority, by the same name.
    init(beside first: TestDoor, adjust: (inout GatewayConfiguration) -> Void) async throws {
        try await self.init(first.store, first.key, first.hostKey, [], nil, adjust)
    }

    private init(
        _ store: InMemoryStore, _ key: DPoPKey, _ hostKey: DPoPKey, _ readiness: [ReadinessCheck],
        _ workshop: (any TaskExecutor)?,
        _ adjust: (inout GatewayConfiguration) -> Void
    ) async throws {
        (self.store, self.key, self.hostKey) = (store, key, hostKey)
        signer = try FakeSigner()
        let world = World(
            now: { TestDoor.now }, random: { count in (0..<count).map { _ in .random(in: 0...255) } },
            workshop: workshop)
        var settings = Authority.Settings(origin: "ca.example.com", node: "test")
        settings.upstream = PlayedUpstream()
        settings.passkeys = PlayedPasskeys.settings("ca.example.com")
        let sealing = FakeSealing()
        settings.browserSignIns = BrowserSignInDesk(
            store, providers: PlayedBrowserProviders(),
            arrivals: UpstreamArrivals(store, world: world, sealing: sealing), site: "https://ca.example.com")
        let authority = try await Authority(
            store: store, signer: signer, hashing: FakeHashing(), sealing: sealing, world: world,
            settings: settings)
        var configuration = GatewayConfiguration(
            hosts: ["ca.example.com", "::1"], version: "1",
            links: LinkText(authority: "ca.example.com", pin: "PIN"))
        adjust(&configuration)
        let lines = lines
        door = Gateway.door(
            authority: authority, configuration: configuration, sources: SourceTable(limit: 1),
            readiness: readiness, metrics: [],
            logger: Logger(label: "test") { _ in lines }, now: { TestDoor.now })
    }

    static let policy = """
        grants:
          - {name: admins, who: [alice], to: [authority], as: [admin]}
          - {name: web, who: [alice], to: [host:web1], as: [deploy], scope: day, for: 8h}
        """

    private static func furnish(_ store: InMemoryStore, key: DPoPKey, hostKey: DPoPKey) async throws {
        let alice = Identity(id: IdentityID(.person, try Name("alice")), owner: nil, createdAt: now)
        let web1 = Identity(id: IdentityID(.host, try Name(host: "web1")), owner: alice.id, createdAt: now)
        let session = Session(
            id: "5e55", identity: alice.id, device: nil, factors: [.password: now, .totp: now],
            boundTo: key.publicKey.fingerprint, source: "192.0.2.1", startedAt: now, lastUsedAt: now)
        let agent = RegisteredKey(
            publicKey: hostKey.publicKey, identity: web1.id, purpose: .authenticate, origin: "enrolment",
            createdAt: now)
        let version = PolicyVersion(version: 1, text: policy, appliedBy: nil, appliedAt: now)
        let facts: [Fact] = [
            .policyApplied(version), .identityAdded(alice), .identityAdded(web1), .keyRegistered(agent),
            .sessionStarted(session, tokenHash: TokenHash.of(token)),
        ]
        _ = try await store.record(Entry(facts, event: nil))
    }
}

/// What came back.
struct Reply: Sendable {
    let status: Int
    let fields: HTTPFields
    let body: [UInt8]

    func field(_ name: String) -> String? { HTTPField.Name(name).flatMap { fields[$0] } }
    var text: String { String(decoding: body, as: UTF8.self) }
    func message<T: Decodable>(_ type: T.Type) throws -> T { try APICoding.decode(type, from: body) }
    /// The code of the problem; nil where it is none.
    var code: String? { (try? message(Problem.self))?.code }
}

/// One request, right unless a test says otherwise.
struct TestRequest: Sendable {
    var method: String
    var path: String
    var host: String? = "ca.example.com"
    var body: [UInt8] = []
    var token: String?
    var proof: String?
    var fields: [(String, String)] = []
    var source = "192.0.2.1"

    init(_ route: Route, _ body: String = "", query: String = "") {
        method = route.method
        path = route.path.replacing("{provider}", with: "corp") + query
        self.body = Array(body.utf8)
        if !body.isEmpty { fields.append(("Content-Type", "application/json")) }
    }

    /// By alice, in her session.
    func signed(by door: TestDoor) throws -> TestRequest {
        var request = self
        request.token = TestDoor.token
        request.proof = try request.proof(by: door.key)
        return request
    }

    func proof(
        by key: DPoPKey, token: String? = TestDoor.token, nonce: String? = nil, now: UnixTime = TestDoor.now
    ) throws -> String {
        let bare = path.prefix { $0 != "?" }
        return try key.proof(
            method: method, url: "https://\(host ?? "")\(bare)", token: token, nonce: nonce, now: now)
    }

    var head: HTTPRequest {
        get throws {
            var head = HTTPRequest(
                method: HTTPRequest.Method(method) ?? .get, scheme: "https", authority: host, path: path)
            let sent =
                fields + (token.map { [("Authorization", "DPoP \($0)")] } ?? [])
                + (proof.map { [("DPoP", $0)] } ?? [])
                + (body.isEmpty ? [] : [("Content-Length", "\(body.count)")])
            for (name, value) in sent {
                guard let name = HTTPField.Name(name) else { continue }
                head.headerFields.append(HTTPField(name: name, value: value))
            }
            return head
        }
    }
}

extension TestDoor {
    /// Holds request and answer against openapi.yaml as well.
    func send(_ request: TestRequest) async throws -> Reply {
        let response = try await door.respond(
            to: Request(head: try request.head, body: RequestBody(buffer: ByteBuffer(bytes: request.body))),
            context: Peer(address: request.source))
        let reply = Reply(
            status: response.status.code, fields: response.headers, body: try await bytes(of: response))
        for fault in try Contract.published.get().faults(request, reply) { Issue.record("\(fault)") }
        return reply
    }

    /// The first event where there is no end.
    private func bytes(of response: Response) async throws -> [UInt8] {
        guard response.headers[.contentType] == "text/event-stream" else {
            let written = Written()
            try await response.body.write(written)
            return written.bytes.withLock { $0 }
        }
        let ending = EndingWriter()
        try? await response.body.write(ending)
        return Array(ending.first.withLock { $0 }.utf8)
    }
}

/// Keeps what a response writes.
final class Written: ResponseBodyWriter, Sendable {
    let bytes = Mutex<[UInt8]>([])

    func write(_ buffer: ByteBuffer) async throws { bytes.withLock { $0 += buffer.readableBytesView } }
    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

/// Keeps what is logged, with its metadata.
final class LogLines: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
    }

    var text: String { lines.withLock { $0.joined(separator: "\n") } }
}

/// Takes one write, then is gone as a peer is.
final class EndingWriter: ResponseBodyWriter, Sendable {
    struct Gone: Error {}
    let first = Mutex("")

    func write(_ buffer: ByteBuffer) async throws {
        first.withLock { $0 = String(buffer: buffer) }
        throw Gone()
    }
    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
