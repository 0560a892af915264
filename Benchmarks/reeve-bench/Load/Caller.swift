import AuthorityAPI
import AuthorityClient
import Posix

/// Who asks: the key and the session of a device, as `reeve` keeps them.
struct Caller: Sendable {
    let key: DPoPKey
    let token: String
    let server: ServerAddress?
    /// The pinned root; nil where anyone is trusted, which is for the bare server alone.
    let rootPEM: String?

    /// Whether no authority knows it.
    var isMadeUp: Bool { rootPEM == nil }

    private struct Device: Decodable {
        let servers: [String]
        let rootPEM: String?
    }

    private struct Session: Decodable {
        let token: String
    }

    /// Reads `device.json`, `device.key` and `session.json`.
    init(home: String) throws {
        let device = try Self.record("\(home)/device.json", as: Device.self)
        guard let root = device.rootPEM else { throw BenchFault("\(home) has pinned no root") }
        key = try DPoPKey(rawRepresentation: try DurableFile("\(home)/device.key").read(limit: 64))
        token = try Self.record("\(home)/session.json", as: Session.self).token
        server = try device.servers.first.map { text in try ServerAddress(text) }
        rootPEM = root
    }

    private init(key: DPoPKey, token: String) {
        self.key = key
        self.token = token
        server = nil
        rootPEM = nil
    }

    /// A caller whose requests are as long as real ones, for a server that does not look.
    static func madeUp() throws -> Caller {
        Caller(key: try DPoPKey(), token: String(repeating: "t", count: 43))
    }

    private static func record<Record: Decodable>(_ path: String, as type: Record.Type) throws -> Record {
        try APICoding.decode(type, from: try DurableFile(path).read(limit: 65_536), unknownFields: .ignored)
    }
}
