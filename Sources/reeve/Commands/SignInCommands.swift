import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Names
import Posix

/// `reeve sign-in`
struct SignInCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign-in",
        abstract: "Sign-ins of yours that wait for this device: list, approve, deny them.",
        subcommands: [SignInListCommand.self, SignInApproveCommand.self, SignInDenyCommand.self])
}

extension PendingSignInsReply.Pending {
    fileprivate var line: String {
        "\(id)  from \(source)  key \(key)  \(Age.text(since: askedAt, at: WallClock.now())) ago"
            + (recovery == true ? "  RECOVERY: sets your password and authenticator app anew there" : "")
    }

    /// The one that is meant: by its id, or the only one there is.
    fileprivate static func meant(
        _ id: String?, _ connection: AuthorityConnection
    ) async throws -> PendingSignInsReply.Pending {
        let pending = try await connection.call(.pendingSignIns, as: PendingSignInsReply.self).0.pending
        let found = id.map { id in pending.filter { $0.id == id } } ?? pending
        guard found.count == 1, let one = found.first else {
            throw Fault(
                .refused, found.isEmpty ? "no sign-in waits" : "\(found.count) sign-ins wait",
                next: found.isEmpty
                    ? "Begin one on the other device; it waits for two minutes."
                    : "Say which: reeve sign-in list shows their ids.")
        }
        return one
    }
}

struct SignInListCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Who wants to sign in as you, from where, and with which key.")

    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let pending = try await StateFolder().signedIn {
            try await $0.call(.pendingSignIns, as: PendingSignInsReply.self).0.pending
        }
        show(pending, lines: pending.map(\.line))
    }
}

struct SignInApproveCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Let a sign-in through, by the number that it shows.",
        discussion: "A wrong number denies it: only where you see the number yourself is it yours.")

    @Argument(help: "Id, where several wait.")
    var id: String?
    @Option(help: ArgumentHelp("Show this factor first, such as totp.", valueName: "factor"))
    var show: String?
    @OptionGroup var answers: AnswerOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let decided = try await StateFolder().signedIn { connection in
            if let show, let stepUp = try StepUp() { try await stepUp.show([show], connection) }
            let meant = try await PendingSignInsReply.Pending.meant(id, connection)
            Output.note(meant.line)
            let number = try Prompter(try answers.answers()).shown("number", "Number that it shows")
            let decision = number.withExposed {
                SignInDecision(id: meant.id, number: $0, recovery: meant.recovery)
            }
            return try await connection.call(.signInDecide, body: decision, as: SignInDecided.self).0
        }
        show(decided, lines: ["The sign-in is \(decided.decision)."])
    }
}

struct SignInDenyCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "deny", abstract: "End a sign-in that is not yours; your other devices are told.")

    @Argument(help: "Id, where several wait.")
    var id: String?
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let decided = try await StateFolder().signedIn { connection in
            let meant = try await PendingSignInsReply.Pending.meant(id, connection)
            let decision = SignInDecision(id: meant.id, number: nil)
            return try await connection.call(.signInDecide, body: decision, as: SignInDecided.self).0
        }
        show(decided, lines: ["The sign-in is \(decided.decision)."])
    }
}
