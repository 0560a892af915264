import ArgumentParser
import AuthorityAPI
import AuthorityClient

struct HostAddCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a host and print the link for its agent.")

    @Argument(help: "Name, as its certificate says it: web1.example.com")
    var name: String
    @Option(help: ArgumentHelp("Label; may be repeated. Without any: group=default.", valueName: "key=value"))
    var label: [String] = []
    @Option(help: "Another name; may be repeated.")
    var alias: [String] = []
    @Option(help: "Numeric address; may be repeated.")
    var address: [String] = []
    @OptionGroup var link: LinkOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let request = IdentityAddRequest(
            kind: "host", name: name, aliases: alias, addresses: address,
            labels: label.isEmpty ? ["group=default"] : label, reason: link.reason)
        try await add(request, link, for: "reeve-agent enrol")
    }
}

struct HostListCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List hosts, with the state that each has and when it was seen last.")
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let (all, hosts) = try await StateFolder().signedIn { connection in
            (try await connection.identities("host"), try await connection.hosts())
        }
        let facts = Dictionary(hosts.map { ($0.name, $0.facts) }) { first, _ in first }
        let rows = all.map { identity in
            let known = identity.labels + identity.aliases + identity.addresses
            return [
                identity.name, identity.status, known.joined(separator: "  "), facts[identity.name] ?? "",
            ]
        }
        show(HostList.of(all, hosts), table: Table(rows: rows))
    }
}

/// `reeve host state`
struct HostStateCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "How many hosts enforce a version of the host state, and which do not.",
        discussion:
            "`reeve revoke` prints the version that carries a revocation. Exit status 5 unless all enforce it."
    )

    @Argument(help: "The version; by default the newest.")
    var version: UInt64?
    @OptionGroup var waiting: WaitOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let began = ContinuousClock.now
        let report = try await StateFolder().signedIn { connection in
            let query = version.map { [(name: "version", value: "\($0)")] } ?? []
            let found = try await connection.call(.enforcement, query: query, as: EnforcementReply.self).0
            let wait = EnforcementWait(
                version: found.stateVersion, seconds: waiting.wait ? waiting.seconds : 0, since: began)
            return try await wait.report(connection)
        }
        show(report, lines: ["State \(report.stateVersion)."] + report.lines)
        if !report.complete { throw ExitCode(ExitStatus.incomplete.rawValue) }
    }
}

/// What `reeve host list --json` prints: the identity, and what its agent said.
struct HostList: Encodable {
    let identity: IdentityReply
    let agent: HostListReply.Host?

    enum Key: String, CodingKey { case agent }

    static func of(_ identities: [IdentityReply], _ hosts: [HostListReply.Host]) -> [HostList] {
        let agents = Dictionary(hosts.map { ($0.name, $0) }) { first, _ in first }
        return identities.map { HostList(identity: $0, agent: agents[$0.name]) }
    }

    func encode(to encoder: any Encoder) throws {
        try identity.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encodeIfPresent(agent, forKey: .agent)
    }
}

struct HostSuspendCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend", abstract: "Suspend a host: its certificates are revoked.")

    @OptionGroup var status: StatusOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        try await setStatus("suspended", of: "host:\(status.name)", status)
    }
}

struct HostResumeCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Resume a suspended host.")

    @OptionGroup var status: StatusOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        try await setStatus("active", of: "host:\(status.name)", status)
    }
}

struct HostRetireCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire", abstract: "Retire a host that is gone, for good: nobody waits for it any more."
    )

    @OptionGroup var status: StatusOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        try await setStatus("retired", of: "host:\(status.name)", status)
    }
}
