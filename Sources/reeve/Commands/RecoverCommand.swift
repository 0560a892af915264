import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Names
import Posix

/// `reeve recover`
struct RecoverCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Come back without your password or authenticator app, on a machine with a new key.",
        discussion: """
            By a recovery code, with your password; or it shows a number and waits for somebody who vouches for you: \
            yourself, on a device where you are signed in (reeve sign-in approve), or colleagues whom you call (reeve \
            approve). Then sets a new authenticator app, and a new password where somebody vouched, and makes this machine a \
            device of yours. All your sessions and certificates end; devices that you do not --keep are suspended. \
            Interrupted, it goes on when it is asked for again.
            """)

    @Argument(help: "Who you are; by default the person of this device.")
    var name: String?
    @Option(help: "What lets you in: device or colleagues, as the policy allows, or a recovery code: code.")
    var by = "device"
    @Option(help: "By a code: the way to sign in, whose authenticator's code it takes the place of.")
    var with: String?
    @Option(help: ArgumentHelp("The authority, on a machine that is new to it.", valueName: "url"))
    var server: String?
    @Option(help: ArgumentHelp("How it is known; web for a publicly trusted certificate.", valueName: "pin"))
    var pin = "web"
    @Option(help: "Name of this device; by default the name of the machine.")
    var device: String?
    @Option(
        help: ArgumentHelp(
            "A device or ssh key that somebody else may have: its keys are compromised. May be repeated.",
            valueName: "device"))
    var lost: [String] = []
    @Option(
        help: ArgumentHelp(
            "A device or ssh key that you still have: not suspended. May be repeated.", valueName: "device"))
    var keep: [String] = []
    @Option(help: "Why, for those who vouch.")
    var reason: String?
    @Option(
        help: ArgumentHelp(
            "Write the recovery codes to this file (0600) instead of the terminal.", valueName: "path"))
    var recoveryCodesFile: String?
    @Flag(help: "On a machine that is a device already, which gets a new key.")
    var force = false
    @Flag(help: "On any device of the authority: print the --server and --pin that a new machine needs.")
    var printAuthority = false
    @OptionGroup var answers: AnswerOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard ["device", "colleagues", "code"].contains(by) else {
            throw ValidationError("--by is device, colleagues or code.")
        }
        guard by == "code" || with == nil else { throw ValidationError("--with goes with --by code.") }
    }

    func perform() async throws {
        let state = try StateFolder()
        let record = try state.record(DeviceRecord.file, as: DeviceRecord.self)
        if printAuthority { return show(try Authority(record)) }
        guard let name = name ?? record?.identity else {
            throw Fault(.usage, "nobody is named", next: "Say who you are: reeve recover NAME")
        }
        if record != nil, !force, try state.begunRecovery(of: name) == nil {
            throw Fault(
                .usage, "this machine is a device already", next: "Give it a new key with --force.")
        }
        let fresh = FreshStart(
            device: try Name(device ?? record?.label ?? Machine.name()).text, lost: lost, keep: keep,
            reason: reason, options: answers, given: try answers.answers())
        let (servers, trust) = try await authority(record)
        let session = try await ComingBack(
            state: state, name: name, ground: by == "code" ? .code(way: with) : .vouched(by: by), fresh: fresh
        ).session(at: servers, areChosen: record?.areChosen ?? false, trusting: trust)
        try NewRecoveryCodes.announce(session.recoveryCodes ?? [], file: recoveryCodesFile)
        show(
            session.whoami,
            lines: [
                "You are back: this machine is \(session.whoami.device ?? ""), signed in until \(Moment.text(session.whoami.notAfter)).",
                "All your former sessions and certificates have ended.",
                "next: reeve device list shows which devices are suspended; reeve login --if-needed fetches certificates",
            ])
    }

    private func show(_ authority: Authority) {
        show(authority, lines: ["--server \(authority.server) --pin \(authority.pin)"])
    }

    /// By what a new machine finds the authority and knows it.
    private struct Authority: Encodable {
        let server: String
        let pin: String

        init(_ record: DeviceRecord?) throws {
            let trust = record?.rootPEM.map { ServerTrust.root(pem: $0) } ?? .web
            guard let server = record?.servers.first, let pin = trust.pin else {
                throw Fault(
                    .needsSignIn, "this machine is no device", next: "Run it on one, a colleague's will do.")
            }
            self.server = server
            self.pin = pin.description
        }
    }

    private func authority(
        _ record: DeviceRecord?
    ) async throws -> (servers: [ServerAddress], trust: ServerTrust) {
        if let server {
            do {
                let address = try ServerAddress(server)
                return ([address], try await ServerTrust.pinned(try ServerPin(pin), at: address))
            } catch let error as AddressError {
                throw Fault(.usage, "--server, --pin: \(error)", next: "Give https://HOST:PORT and the pin.")
            }
        }
        guard let record else {
            throw Fault(
                .usage, "no authority is known here",
                next: "Name it with --server and --pin; the pin is what follows ~ in every enrolment link.")
        }
        return (
            try record.servers.map { text in try ServerAddress(text) },
            record.rootPEM.map { ServerTrust.root(pem: $0) } ?? .web
        )
    }
}
