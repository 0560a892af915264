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
            Shows a number and waits for somebody who vouches for you: yourself, on a device where you are signed in (reeve \
            sign-in approve), or colleagues whom you call (reeve approve). Then sets a new password and authenticator app and \
            makes this machine a device of yours. All your sessions and certificates end; devices that you do not --keep are \
            suspended. With recovery codes at hand: reeve login --recovery.
            """)

    @Argument(help: "Who you are; by default the person of this device.")
    var name: String?
    @Option(help: "Who vouches: device or colleagues, as the policy allows.")
    var by = "device"
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
    @Flag(help: "On a machine that is a device already, which becomes a new one.")
    var force = false
    @Flag(help: "On any device of the authority: print the --server and --pin that a new machine needs.")
    var printAuthority = false
    @OptionGroup var answers: AnswerOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard ["device", "colleagues"].contains(by) else {
            throw ValidationError("--by is device or colleagues.")
        }
    }

    func perform() async throws {
        let state = try StateFolder()
        let record = try state.record(DeviceRecord.file, as: DeviceRecord.self)
        if printAuthority { return show(try Authority(record)) }
        if record != nil, !force {
            throw Fault(
                .usage, "this machine is a device already", next: "Make it a new one with --force.")
        }
        guard let name = name ?? record?.identity else {
            throw Fault(.usage, "nobody is named", next: "Say who you are: reeve recover NAME")
        }
        let device = try Name(device ?? Machine.name()).text
        let (servers, trust) = try await authority(record)
        let key = try DPoPKey()
        let connection = try AuthorityConnection(servers: servers, trust: trust, key: key)
        let session = try await connection.lent { connection in
            let session = try await recover(name, as: device, connection)
            try state.file(DeviceRecord.keyFile).write(key.rawRepresentation, mode: 0o600)
            let (authority, _) = try await connection.call(.authority, as: AuthorityInfo.self)
            try state.keep(
                session, of: authority, at: servers, areChosen: record?.areChosen ?? false, trusting: trust)
            return session
        }
        var agent = KeyAgent()
        try HeldCertificates(state).discardAll(agent: &agent)
        try NewRecoveryCodes.announce(session.recoveryCodes ?? [], file: recoveryCodesFile)
        // What was certified in this very second ends with all that was before.
        try await Task.sleep(for: .seconds(1))
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

    /// The conversation; what is refused at its end is asked for again where somebody sits there.
    private func recover(
        _ name: String, as device: String, _ connection: AuthorityConnection
    ) async throws -> SessionReply {
        let request = SignInRequest(name: name, with: "recovery:\(by)")
        var reply = try await connection.call(.signIn, body: request, as: SignInReply.self).0
        while reply.session == nil {
            guard let conversation = reply.conversation, !reply.steps.isEmpty else {
                throw ClientError.badReply("the recovery ended without a session and without a reason")
            }
            do {
                let answer = SignInAnswer(
                    conversation: conversation, answers: try await answers(to: reply.steps, device))
                reply = try await connection.call(.signInAnswer, body: answer, as: SignInReply.self).0
            } catch {
                guard case .refused(let problem) = error as? ClientError, Terminal() != nil,
                    reply.steps.contains(where: { $0.name == "new-password" }),
                    ["weak-password", "sign-in-failed"].contains(problem.code)
                else { throw error }
                Output.note(Fault(error).text)
            }
        }
        guard let session = reply.session else { throw ClientError.badReply("no session") }
        return session
    }

    private func answers(to steps: [SignInStep], _ device: String) async throws -> [String: String] {
        var found: [String: String] = [:]
        for step in steps { found[step.name] = try await answer(step, device) }
        return found
    }

    private func answer(_ step: SignInStep, _ device: String) async throws -> String {
        let prompt = Screen.plain(step.prompt)
        switch step.name {
        case "device": return device
        case "reason": return reason ?? ""
        case "lost": return try chosen(lost, step, prompt)
        case "keep": return try chosen(keep, step, prompt)
        case "new-password": return try Prompter(try answers.answers()).newPassword().withExposed { $0 }
        case "new-totp":
            guard let secret = step.code else { throw ClientError.badReply("no secret for the new app") }
            try answers.announce(secret: secret, otpauth: step.url)
            let prompter = Prompter(try answers.answers(), totp: TOTP(base32: secret))
            return try prompter.shown("totp", prompt).withExposed { String($0.filter { $0 != " " }) }
        default: break
        }
        guard step.kind == .wait else {
            throw Fault(
                .needsSignIn,
                "the authority asks for \(Screen.plain(step.name)), which this reeve cannot answer",
                next: "Use a newer reeve.")
        }
        let shown = step.code.map { "\(prompt): \(Screen.plain($0))" } ?? prompt
        try await Waiting.shared.wait(shown, seconds: step.seconds)
        return ""
    }

    /// Those that were named; else whoever sits there is asked.
    private func chosen(_ named: [String], _ step: SignInStep, _ prompt: String) throws -> String {
        let offered = (step.choices ?? []).map(Screen.plain)
        guard lost.isEmpty, keep.isEmpty, !offered.isEmpty, let terminal = Terminal() else {
            return named.joined(separator: ",")
        }
        return try terminal.line("\(prompt) (\(offered.joined(separator: ", "))): ")
    }
}
