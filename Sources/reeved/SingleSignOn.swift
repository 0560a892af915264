import Authority
import Gateway
import Logging
import Records
import SignIn

/// The identity providers of the configuration, at work.
struct SingleSignOn: Sendable {
    let participants: [any Participant]
    let upstream: Providers
    /// nil where there are no providers.
    let browsers: BrowserSignInDesk?
    private let transports: [HTTPTransport]

    /// - Parameter site: Where browsers reach this authority: `https://NAME[:PORT]`.
    /// - Throws: Where a secret or a file of roots cannot be read.
    init(
        _ entries: [ProviderEntry], records: Records, sealing: any SecretSealing, site: String,
        logger: Logger
    ) throws {
        var transports: [String?: HTTPTransport] = [:]
        var all: [(provider: Provider, staleness: UInt64)] = []
        for entry in entries {
            let transport = try transports[entry.roots] ?? HTTPTransport(roots: entry.roots)
            transports[entry.roots] = transport
            let provider = Provider(
                try entry.settings(), transport: transport, world: .real,
                note: { fault in
                    logger.warning(
                        "keys of a provider cannot be fetched",
                        metadata: ["provider": "\(entry.name)", "reason": "\(fault)"])
                })
            all.append((provider, entry.staleness))
        }
        let providers = Providers(all)
        let arrivals = UpstreamArrivals(records, world: .real, sealing: sealing)
        let browsers = BrowserSignInDesk(records, providers: providers, arrivals: arrivals, site: site)
        participants = all.map { OIDCParticipant($0.provider, arrivals: arrivals, browsers: browsers) }
        upstream = providers
        self.browsers = all.isEmpty ? nil : browsers
        self.transports = Array(transports.values)
    }

    /// Sign-ins go on by keys that could not be asked for again.
    var check: ReadinessCheck {
        ReadinessCheck("single-sign-on") { [upstream] in
            let troubles = await upstream.keysTrouble
            guard !troubles.isEmpty else { return nil }
            return Degradation(
                .works,
                "keys of a provider are as they were, since it cannot be asked: \(troubles.joined(separator: "; "))"
            )
        }
    }

    func close() async { for transport in transports { await transport.close() } }
}
