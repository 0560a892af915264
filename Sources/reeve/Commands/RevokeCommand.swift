import ArgumentParser
import AuthorityAPI
import AuthorityClient

/// `reeve revoke`
struct RevokeCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Revoke a certificate, a key, or all of an identity.",
        discussion: """
            Hosts hear of it at once. --wait says how many of them enforce it, and which do not; the exit status is 5 \
            unless all do in time. Without it, `reeve host state N` says so later, of the N that is printed.
            """)

    @Argument(
        help: ArgumentHelp(
            "A person, a host, a serial, a key's fingerprint, or a file with a public key or certificate.",
            valueName: "alice|HOST|SERIAL|KEY"))
    var what: String?
    @Option(help: "Serial of a certificate.")
    var serial: UInt64?
    @Option(help: "Which CA gave the serial: user, plainUser or host (default: user).")
    var authority: String?
    @Option(help: ArgumentHelp("Fingerprint of a key.", valueName: "SHA256:…"))
    var key: String?
    @Option(help: "Identity: alice, device:alice.laptop, host:web1.example.com.")
    var identity: String?
    @Option(help: "Why; stands in the ledger.")
    var reason: String
    @Flag(help: "End live sessions that came by it too, on hosts and at the authority.")
    var sessions = false
    @OptionGroup var waiting: WaitOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        let given = [what != nil, serial != nil, key != nil, identity != nil].count { $0 }
        guard given == 1 else {
            throw ValidationError(
                "Give one thing to revoke: an argument, or one of --serial, --key, --identity.")
        }
    }

    func perform() async throws {
        let targets = try targets()
        // Others may have to agree first: the clock runs from the request that is carried out.
        let (reply, began) = try await StateFolder().signedIn(waiting: waiting.wait) { connection in
            let began = ContinuousClock.now
            return (try await revoke(targets, connection), began)
        }
        let line = "Revoked; hosts that have state \(reply.stateVersion) or newer refuse it."
        guard waiting.wait else { return show(reply, lines: [line]) }
        if !common.json { Output.line(line) }
        let report = try await StateFolder().signedIn { connection in
            try await EnforcementWait(version: reply.stateVersion, seconds: waiting.seconds, since: began)
                .report(connection)
        }
        show(report, lines: report.lines)
        if !report.complete { throw ExitCode(ExitStatus.incomplete.rawValue) }
    }

    /// What may be meant, the likeliest first.
    private func targets() throws -> [RevocationTargetWord] {
        if let what { return try RevocationTargetWord.all(what) }
        if let serial { return [.serial(serial, authority: authority)] }
        if let key { return [.key(key)] }
        return [.identity(identity ?? "")]
    }

    private func revoke(
        _ targets: [RevocationTargetWord], _ connection: AuthorityConnection
    ) async throws -> RevocationReply {
        var unknown: ClientError?
        for target in targets {
            let request = target.request(sessions: sessions, reason: reason)
            do { return try await connection.call(.revocations, body: request).0 } catch {
                guard case .refused(let problem) = error, problem.code == "not-found" else { throw error }
                unknown = unknown ?? error
            }
        }
        throw unknown ?? .badRequest("nothing to revoke")
    }
}
