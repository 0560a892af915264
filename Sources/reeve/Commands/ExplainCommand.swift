import ArgumentParser
import AuthorityAPI
import AuthorityClient

/// `reeve explain`
struct ExplainCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Why somebody may or may not log in, and by which grant.",
        discussion: "Exit status 0 if it is allowed, 1 if not.")

    @Option(help: "Person; by default you.")
    var who: String?
    @Option(help: "Host: name, alias or address.")
    var to: String
    @Option(name: .customLong("as"), help: "Login.")
    var login: String
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let request = ExplainRequest(who: who, to: to, as: login)
        let reply = try await StateFolder().signedIn {
            try await $0.call(.explain, body: request, as: ExplainReply.self).0
        }
        var head = reply.allowed ? "allowed" : "refused"
        if let code = reply.code { head += " (\(code))" }
        if let grant = reply.grant {
            head += reply.allowed ? " by grant \(grant)" : "; nearest grant: \(grant)"
        }
        show(reply, lines: [head] + reply.lines)
        if !reply.allowed { throw ExitCode(ExitStatus.refused.rawValue) }
    }
}

/// `reeve revoke`
struct RevokeCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Revoke a certificate, a key, or all of an identity.",
        discussion: "Hosts hear of it at once; --json shows the version of the state that carries it.")

    @Option(help: "Serial of a certificate.")
    var serial: UInt64?
    @Option(help: ArgumentHelp("Fingerprint of a key.", valueName: "SHA256:…"))
    var key: String?
    @Option(help: "Identity: alice, device:alice.laptop, host:web1.example.com.")
    var identity: String?
    @Option(help: "Why; stands in the ledger.")
    var reason: String
    @Flag(help: "Wait until others have agreed, where they must.")
    var wait = false
    @OptionGroup var common: CommonOptions

    func validate() throws {
        let given = [serial != nil, key != nil, identity != nil].count { $0 }
        guard given == 1 else { throw ValidationError("Give exactly one of --serial, --key, --identity.") }
    }

    func perform() async throws {
        let request = RevocationRequest(serial: serial, key: key, identity: identity, reason: reason)
        let reply = try await StateFolder().signedIn(waiting: wait) {
            try await $0.call(.revocations, body: request, as: RevocationReply.self).0
        }
        show(reply, lines: ["Revoked; hosts that have state \(reply.stateVersion) or newer refuse it."])
    }
}
