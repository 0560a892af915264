package import AuthorityAPI
import Posix
import SSHFormats

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The servers that the authority named last: `servers.json`. A damaged file counts as none: they are asked for again.
package struct ToldServers: Codable, Hashable, Sendable {
    /// Seconds since 1970.
    let askedAt: UInt64
    let servers: [String]

    /// Seconds after which they are asked for again.
    static let period: UInt64 = 3_600

    package var addresses: [ServerAddress] { servers.compactMap { try? ServerAddress($0) } }

    /// What is kept after an answer: an authority that names none is taken to mean those from before.
    init(_ told: AuthorityInfo, before: ToldServers?, at now: UnixTime) {
        askedAt = now.seconds
        let servers = told.addresses.map(\.description)
        self.servers = servers.isEmpty ? before?.servers ?? [] : servers
    }

    func isDue(at now: UnixTime) -> Bool {
        now.seconds < askedAt || now.seconds - askedAt >= Self.period
    }

    package static func load(_ folder: AgentFolder) -> ToldServers? {
        guard let bytes = try? DurableFile(folder.servers).readIfPresent(limit: 65_536) else { return nil }
        return try? JSONDecoder().decode(ToldServers.self, from: Data(bytes))
    }

    func save(_ folder: AgentFolder) throws(Fault) {
        try AgentJSON.save(self, to: folder.servers, mode: 0o600)
    }
}
