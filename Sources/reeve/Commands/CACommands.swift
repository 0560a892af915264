import ArgumentParser
import AuthorityAPI
import AuthorityClient

/// `reeve ca`
struct CACommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ca", abstract: "Replace the keys that sign certificates, without breaking a login.",
        subcommands: [CAStatusCommand.self, CARotateCommand.self, CAWaiveCommand.self])
}

struct CAStatusCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the CA keys, and what a rotation waits for.",
        discussion: "Exit status 0, whatever is waited for.")

    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let reply = try await StateFolder().signedIn { try await $0.call(.ca, as: CAReply.self).0 }
        show(reply, lines: reply.authorities.flatMap(Self.lines))
    }

    static func lines(_ authority: CAReply.Authority) -> [String] {
        var lines = ["\(authority.authority) CA"]
        for key in authority.keys {
            let stolen = key.stolen ? ", stolen" : ""
            lines.append(
                "  \(key.fingerprint) \(key.state)\(stolen) since \(Moment.text(key.since))")
            lines += authority.waiting.filter { $0.key == key.fingerprint }.map {
                "    waits: \(Self.text($0))"
            }
            lines += authority.waived.filter { $0.key == key.fingerprint }.map {
                "    waived: \($0.name), by \($0.by) at \(Moment.text($0.at))"
            }
            lines += authority.stillTrusting.filter { $0.key == key.fingerprint }.map {
                "    may still trust it: \(Self.text($0))"
            }
        }
        return lines + authority.next.map { "  \($0)" }
    }

    private static func text(_ wait: CAReply.Wait) -> String {
        wait.name.map { "\($0) \(wait.words)" } ?? wait.words
    }
}

struct CARotateCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Make the next key; it signs once every host or device knows it.")

    enum Authority: String, ExpressibleByArgument, CaseIterable { case user, host }

    @Argument(help: "user: the key that signs people's certificates; host: the one that signs hosts'.")
    var authority: Authority
    @Flag(help: "Somebody else has the key: wait for nobody, and distrust it everywhere.")
    var stolen = false
    @Option(
        help: ArgumentHelp("Which one was stolen; without it the one that signs.", valueName: "fingerprint"))
    var key: String?
    @Flag(help: "Do not ask whether to break what an emergency breaks.")
    var yes = false
    @Option(help: "Why.")
    var reason: String?
    @Flag(help: "Wait until others have agreed, where they must.")
    var wait = false
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard key == nil || stolen else { throw ValidationError("--key goes with --stolen") }
    }

    func perform() async throws {
        if stolen { try await warn() }
        let request = CARotateRequest(
            authority: authority.rawValue, stolen: stolen ? true : nil, key: key, reason: reason)
        let reply = try await StateFolder().signedIn(waiting: wait) {
            try await $0.call(.caRotate, body: request, as: CAChangeReply.self).0
        }
        let line =
            stolen
            ? "\(reply.fingerprint) is retired as stolen; see reeve ca status for hosts that may still trust it."
            : "\(reply.fingerprint) is prepared; see reeve ca status for what it waits for."
        show(reply, lines: [line])
    }

    /// Says what will break, and asks.
    private func warn() async throws {
        let reply = try await StateFolder().signedIn { try await $0.call(.ca, as: CAReply.self).0 }
        let found = reply.authorities.first { $0.authority == authority.rawValue }
        for sentence in found?.breaks ?? [] { Output.warn(sentence) }
        guard !yes else { return }
        guard let terminal = Terminal() else {
            throw Fault(.usage, "nobody is here to ask", next: "Give --yes where that shall be broken.")
        }
        guard try terminal.line("Break that now? yes or no: ") == "yes" else {
            throw Fault(.refused, "nothing was changed", next: "Without --stolen nothing breaks.")
        }
    }
}

struct CAWaiveCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "waive",
        abstract: "Let a rotation not wait for a host, or device:NAME, that does not answer.",
        discussion:
            "A host that comes back without the new key lets nobody in until its agent has fetched it.")

    @Argument(help: "A host by name, alias or address, or device:NAME.")
    var name: String
    @Option(help: "Why.")
    var reason: String?
    @Flag(help: "Wait until others have agreed, where they must.")
    var wait = false
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let request = CAWaiveRequest(name: name, reason: reason)
        let reply = try await StateFolder().signedIn(waiting: wait) {
            try await $0.call(.caWaive, body: request, as: CAChangeReply.self).0
        }
        show(reply, lines: ["\(reply.fingerprint) does not wait for \(name) any longer."])
    }
}
