import Authority
import Records
import SignIn

/// The identity providers of the configuration, at work.
struct SingleSignOn: Sendable {
    let participants: [any Participant]
    let upstream: Providers
    private let transports: [HTTPTransport]

    /// - Throws: Where a secret or a file of roots cannot be read.
    init(_ entries: [ProviderEntry], records: Records, sealing: any SecretSealing) throws {
        var transports: [String?: HTTPTransport] = [:]
        var all: [(provider: Provider, staleness: UInt64)] = []
        for entry in entries {
            let transport = try transports[entry.roots] ?? HTTPTransport(roots: entry.roots)
            transports[entry.roots] = transport
            all.append((Provider(try entry.settings(), transport: transport, world: .real), entry.staleness))
        }
        participants = all.map { OIDCParticipant($0.provider, links: records, sealing: sealing) }
        upstream = Providers(all)
        self.transports = Array(transports.values)
    }

    func close() async { for transport in transports { await transport.close() } }
}
