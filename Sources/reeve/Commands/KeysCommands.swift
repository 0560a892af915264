import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Posix

/// `reeve keys`
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Registered keys: their state, age, origin and last use.",
        subcommands: [KeysListCommand.self, KeysShowCommand.self, KeysReauthorizeCommand.self])
}

struct KeysListCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List keys: yours, or others' for auditors and admins.",
        discussion: "States are those of NIST SP 800-57.")

    @Option(help: "Of this identity, and of those that it owns.")
    var of: String?
    @Flag(help: "Of everybody.")
    var all = false
    @Option(help: "Only preActive, active, suspended, deactivated, compromised or destroyed ones.")
    var state: String?
    @Option(help: ArgumentHelp("Only those registered so long ago or longer.", valueName: "90d"))
    var olderThan: DurationArgument?
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard of == nil || !all else { throw ValidationError("Give --of or --all, not both.") }
    }

    func perform() async throws {
        let filters = [
            ("of", of), ("all", all ? "true" : nil), ("state", state),
            ("olderThan", olderThan.map { String($0.seconds) }),
        ].compactMap { name, value in value.map { (name: name, value: $0) } }
        let keys = try await StateFolder().signedIn { connection in
            var keys: [KeyReply] = []
            while true {
                let query = filters + keys.suffix(1).map { (name: "after", value: $0.fingerprint) }
                let (page, _) = try await connection.call(.keys, query: query, as: KeyListReply.self)
                keys += page.keys
                guard page.more, !page.keys.isEmpty else { return keys }
            }
        }
        let ordered = keys.sorted { ($0.identity, $0.createdAt) < ($1.identity, $1.createdAt) }
        let now = WallClock.now()
        show(ordered, table: Table(rows: ordered.map { $0.cells(at: now) }))
    }
}

struct KeysShowCommand: ReeveCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "All of one key.")

    @Argument(help: ArgumentHelp("Fingerprint.", valueName: "SHA256:…"))
    var fingerprint: String
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let query = [(name: "key", value: fingerprint)]
        let reply = try await StateFolder().signedIn {
            try await $0.call(.keys, query: query, as: KeyListReply.self).0
        }
        guard let key = reply.keys.first else { throw ClientError.badReply("no key in the answer") }
        show(key, lines: key.lines(at: WallClock.now()))
    }
}

struct KeysReauthorizeCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "reauthorize", abstract: "Say that a key goes on: its age is counted anew.",
        discussion: "Yours, or those of devices, hosts and services that you answer for; all for admins.")

    @Argument(help: ArgumentHelp("Fingerprint.", valueName: "SHA256:…"))
    var fingerprint: String
    @Option(help: "Why; stands in the ledger.")
    var reason: String?
    @Flag(help: "Wait until others have agreed, where they must.")
    var wait = false
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let request = KeyReauthorizeRequest(key: fingerprint, reason: reason)
        let key = try await StateFolder().signedIn(waiting: wait) {
            try await $0.call(.keyReauthorize, body: request, as: KeyReply.self).0
        }
        show(key, lines: ["\(key.fingerprint) of \(key.identity) goes on; its age is counted from now."])
    }
}

extension KeyReply {
    /// One line: what, whose, in which state, how old, when used last.
    func line(at now: UInt64) -> String { cells(at: now).joined(separator: "  ") }

    fileprivate func cells(at now: UInt64) -> [String] {
        [
            fingerprint, type, identity, state, "age \(Age.text(since: createdAt, at: now))", origin,
            use(at: now),
        ]
    }

    fileprivate func lines(at now: UInt64) -> [String] {
        var lines = [
            "fingerprint: \(fingerprint)", "type: \(type)", "identity: \(identity)",
            "owner: \(owner ?? identity)",
            "purpose: \(purpose)", "state: \(state)", "origin: \(origin)",
            "registered: \(Moment.text(createdAt)), \(Age.text(since: createdAt, at: now)) ago", use(at: now),
        ]
        if let reauthorizedAt { lines.append("reauthorized: \(Moment.text(reauthorizedAt))") }
        if let predecessor { lines.append("predecessor: \(predecessor)") }
        if let successor { lines.append("successor: \(successor)") }
        return lines
    }

    private func use(at now: UInt64) -> String {
        guard let lastUsedAt else { return "never used" }
        return "used \(Age.text(since: lastUsedAt, at: now)) ago" + (lastUsedFrom.map { " from \($0)" } ?? "")
    }
}

/// How long ago, in the largest unit that fits.
enum Age {
    static func text(since then: UInt64, at now: UInt64) -> String {
        let seconds = now > then ? now - then : 0
        let units: [(UInt64, String)] = [(86_400, "d"), (3_600, "h"), (60, "m")]
        guard let (size, unit) = units.first(where: { seconds >= $0.0 }) else { return "\(seconds)s" }
        return "\(seconds / size)\(unit)"
    }
}
