import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Posix

/// `reeve factor webauthn`
struct FactorWebAuthnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webauthn",
        abstract: "Passkeys and security keys, used in a browser: add, list, remove them.",
        subcommands: [
            FactorWebAuthnAddCommand.self, FactorWebAuthnListCommand.self, FactorWebAuthnRemoveCommand.self,
        ], defaultSubcommand: FactorWebAuthnAddCommand.self)
}

struct FactorWebAuthnAddCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Register a passkey that can sign you in from now on.",
        discussion: """
            Opens a page of the authority, in any browser; it asks for the number that is shown here. Sign in with \
            it where the authority takes that: reeve login --with password+webauthn. With --security-key the key keeps \
            nothing, as U2F tokens and full ones cannot, and serves only after another factor.
            """)

    @Option(help: "What to call it; by default key-1, key-2 and so on.")
    var name: String?
    @Flag(help: "A security key that keeps no passkey: a second factor alone.")
    var securityKey = false
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let request = NewPasskeyRequest(name: name, securityKey: securityKey ? true : nil)
        let passkey = try await StateFolder().signedIn { connection in
            let (new, _) = try await connection.call(
                .passkeyAdd, body: request, as: NewPasskeyReply.self)
            StandardError.write(
                "Open the page, type the number there, and use the new passkey: \(Screen.plain(new.number))\n"
            )
            try Page(new.url).show()
            return try await finished(new.id, connection)
        }
        let use = passkey.discoverable ? "can sign you in" : "is a second factor of yours"
        show(passkey, lines: ["\(passkey.name) \(use) from now on (\(passkey.algorithm))."])
    }

    /// Asks every two seconds, until the authority says that it is over.
    private func finished(_ id: String, _ connection: AuthorityConnection) async throws -> PasskeyInfo {
        while true {
            let (reply, _) = try await connection.call(
                .passkeyFinish, body: PasskeyFinish(id: id), as: PasskeyFinished.self)
            if let passkey = reply.passkey { return passkey }
            try await Task.sleep(for: .seconds(2))
        }
    }
}

struct FactorWebAuthnListCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Your passkeys, and when each was used last.")

    @Option(help: "Of this person; for those with a role on the authority.")
    var of: String?
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let query = of.map { [(name: "of", value: $0)] } ?? []
        let passkeys = try await StateFolder().signedIn {
            try await $0.call(.passkeys, query: query, as: PasskeysReply.self).0.passkeys
        }
        show(passkeys, lines: passkeys.map(\.line))
    }
}

struct FactorWebAuthnRemoveCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "End a passkey: it signs nobody in any more.")

    @Argument(help: "Its name, as list shows it.")
    var name: String
    @Option(help: "Of this person; for the helpdesk.")
    var of: String?
    @Option(help: "Why, for those who must agree.")
    var reason: String?
    @Flag(help: "Wait until others have agreed, where they must.")
    var wait = false
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let removal = PasskeyRemoval(name: name, identity: of, reason: reason)
        let removed = try await StateFolder().signedIn(waiting: wait) {
            try await $0.call(.passkeyRemove, body: removal, as: PasskeyInfo.self).0
        }
        show(removed, lines: ["\(removed.name) is removed. Delete it in its holder as well."])
    }
}

extension PasskeyInfo {
    fileprivate var line: String {
        let used = lastUsedAt.map { "used \(Age.text(since: $0, at: WallClock.now())) ago" } ?? "never used"
        let copies = (discoverable ? [] : ["security key"]) + (backedUp ? ["backed up"] : [])
        return ([name, algorithm, used] + copies + [transports.joined(separator: ",")])
            .map(Screen.plain).filter { !$0.isEmpty }.joined(separator: "  ")
    }
}
