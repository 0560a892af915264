import Posix
package import SSHFormats

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Which authority this host belongs to, and which keys it believes from then on. Written once, by `enrol`.
package struct EnrolmentRecord: Codable, Hashable, Sendable {
    /// `https://HOST:PORT`
    package let server: String
    /// All servers, where whoever enrolled this host chose them; nil takes those that the authority names.
    package let servers: [String]?
    /// PEM of the TLS root that the link's fingerprint named; nil where the roots of the system decide.
    package let tlsRoot: String?
    /// This host's identity name.
    package let host: String
    /// Verifies host states: an OpenSSH line, Ed25519. Never replaced but by enrolling again.
    package let hostStateKey: String
    /// Who may sign this host's certificates: OpenSSH lines.
    package let hostCAKeys: [String]

    package init(
        server: String, servers: [String]? = nil, tlsRoot: String?, host: String, hostStateKey: String,
        hostCAKeys: [String]
    ) {
        self.server = server
        self.servers = servers
        self.tlsRoot = tlsRoot
        self.host = host
        self.hostStateKey = hostStateKey
        self.hostCAKeys = hostCAKeys
    }

    /// Whether the servers that the authority names are taken: by the word of a server that the pinned root proves.
    package var learnsServers: Bool { servers == nil && tlsRoot != nil }

    /// - Throws: ``Fault`` `enrolment-damaged`.
    package func stateKey() throws(Fault) -> PublicKey {
        let key: PublicKey
        do { key = try PublicKey(text: hostStateKey) } catch {
            throw Fault("enrolment-damaged", "the hostStateKey \(error)")
        }
        guard key.type == .ed25519 else { throw Fault("enrolment-damaged", "hostStateKey is not Ed25519") }
        return key
    }

    /// - Throws: ``Fault`` `not-enrolled`, `enrolment-damaged`, `file`.
    package static func load(_ folder: AgentFolder) throws(Fault) -> EnrolmentRecord {
        guard let record = try loadIfPresent(folder) else {
            throw Fault("not-enrolled", "this host is not enrolled; run `reeve-agent enrol`")
        }
        return record
    }

    package static func loadIfPresent(_ folder: AgentFolder) throws(Fault) -> EnrolmentRecord? {
        let bytes: [UInt8]?
        do { bytes = try DurableFile(folder.enrolment).readIfPresent(limit: 262_144) } catch {
            throw Fault("file", "\(error)")
        }
        guard let bytes else { return nil }
        do { return try JSONDecoder().decode(EnrolmentRecord.self, from: Data(bytes)) } catch {
            throw Fault("enrolment-damaged", "\(folder.enrolment) is not a whole enrolment record")
        }
    }

    package func save(_ folder: AgentFolder) throws(Fault) {
        try AgentJSON.save(self, to: folder.enrolment, mode: 0o600)
    }
}

/// JSON files of the agent: sorted keys, one final line end, written whole.
enum AgentJSON {
    static func text(_ value: some Encodable) throws(Fault) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")] } catch {
            throw Fault("file", "\(error)")
        }
    }

    static func save(_ value: some Encodable, to path: String, mode: UInt32) throws(Fault) {
        let bytes = try text(value)
        do { try DurableFile(path).write(bytes, mode: mode) } catch { throw Fault("file", "\(error)") }
    }
}
