import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Names
import Posix

/// `reeve enrol`
struct EnrolCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol", abstract: "Make this machine a device of yours, with a link from an admin.",
        discussion: """
            Asks for the link without showing it. A first device sets your password and your authenticator app; a further \
            one asks for them. Ends signed in.
            """)

    @Option(help: ArgumentHelp("Read the link from this file; - is standard input.", valueName: "path"))
    var linkFile: String?
    @Option(help: ArgumentHelp("Read the link from an open descriptor.", valueName: "n"))
    var linkFD: Int32?
    @Option(help: "Name of this device; by default the name of the machine.")
    var device: String?
    @Option(
        help: ArgumentHelp(
            "Also try this server, https://HOST:PORT; may be repeated. Then the authority's own list is not used.",
            valueName: "url"))
    var server: [String] = []
    @Flag(help: "Enrol again, in place of what this device is now.")
    var force = false
    @Option(
        help: ArgumentHelp(
            "Write the recovery codes to this file (0600) instead of the terminal.", valueName: "path"))
    var recoveryCodesFile: String?
    @OptionGroup var answers: AnswerOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard linkFile == nil || linkFD == nil else {
            throw ValidationError("Give --link-file or --link-fd, not both.")
        }
    }

    func perform() async throws {
        let state = try StateFolder()
        if !force, let device = try state.record(DeviceRecord.file, as: DeviceRecord.self) {
            throw Fault(
                .usage, "this device is enrolled for \(device.identity) already",
                next: "Sign in with `reeve login`, or enrol again with --force.")
        }
        let deviceName = try Name(device ?? Machine.name())
        let link = try link()
        let servers = try [link.server] + chosen()
        let trust = try await ServerTrust.pinned(link.pin, at: link.server)
        let key = try key(state)
        let connection = try AuthorityConnection(servers: servers, trust: trust, key: key)
        let session = try await connection.lent { connection in
            let session = try await enrol(link, as: deviceName, connection)
            try state.file(DeviceRecord.keyFile).write(key.rawRepresentation, mode: 0o600)
            try state.file(DeviceRecord.nextKeyFile).remove()
            let (authority, _) = try await connection.call(.authority, as: AuthorityInfo.self)
            try state.keep(
                session, of: authority, at: servers, areChosen: !server.isEmpty, trusting: trust)
            return session
        }
        try NewRecoveryCodes.announce(session.recoveryCodes ?? [], file: recoveryCodesFile)
        show(
            session.whoami,
            lines: [
                "This device is enrolled for \(session.whoami.identity), signed in until \(Moment.text(session.whoami.notAfter)).",
                "next: reeve login --if-needed fetches your certificates",
            ])
    }

    private func chosen() throws -> [ServerAddress] {
        do { return try server.map { text in try ServerAddress(text) } } catch {
            throw Fault(.usage, "--server: \(error)", next: "Give https://HOST:PORT in lower case.")
        }
    }

    private func link() throws -> EnrolmentAddress {
        let text: String
        if let linkFD {
            text = String(decoding: try InputFile(descriptor: linkFD).readAll(limit: 4_096), as: UTF8.self)
        } else if let linkFile {
            text = try InputFile.text(linkFile)
        } else {
            text = try Prompter(.none).hidden("link", "Link").withExposed { $0 }
        }
        do { return try EnrolmentAddress(text) } catch {
            throw Fault(
                .usage, "that is not an enrolment link",
                next: "Copy the whole link, https://…/enrol#…, or ask for a new one.")
        }
    }

    /// The key that this device is to have. It is kept before it is used, so that a lost reply can be asked for again; what the
    /// device is now stays until the authority has taken the new one.
    private func key(_ state: StateFolder) throws -> DPoPKey {
        let isEnrolled = try state.record(DeviceRecord.file, as: DeviceRecord.self) != nil
        let file = state.file(isEnrolled ? DeviceRecord.nextKeyFile : DeviceRecord.keyFile)
        if let bytes = try file.readIfPresent(limit: 64) { return try DPoPKey(rawRepresentation: bytes) }
        let key = try DPoPKey()
        try file.write(key.rawRepresentation, mode: 0o600)
        return key
    }

    private func enrol(
        _ link: EnrolmentAddress, as device: Name, _ connection: AuthorityConnection
    ) async throws -> SessionReply {
        let token = link.token.withExposed { $0 }
        let (reply, _) = try await connection.call(
            .enrol, body: EnrolRequest(token: token), as: EnrolReply.self)
        guard reply.needs != .hostKeys else {
            throw Fault(.usage, "this link is for \(reply.identity)", next: "On that host: reeve-agent enrol")
        }
        let prompter = Prompter(try answers.answers(), totp: try knownTOTP(reply))
        try announce(reply)
        while true {
            let password =
                reply.needs == .newFactors
                ? try prompter.newPassword() : try prompter.hidden("password", "Password")
            let code = try prompter.shown("totp", "Code of your authenticator app")
            let request = password.withExposed { password in
                code.withExposed { code in
                    EnrolPersonRequest(
                        token: token, enrolment: reply.enrolment, deviceName: device.text, password: password,
                        totp: String(code.filter { $0 != " " }))
                }
            }
            do {
                return try await connection.call(.enrolPerson, body: request, as: SessionReply.self).0
            } catch {
                guard case .refused(let problem) = error, !prompter.isGiven("password"),
                    !prompter.isGiven("totp"),
                    ["weak-password", "sign-in-failed"].contains(problem.code)
                else { throw error }
                Output.note(Fault(error).text)
            }
        }
    }

    private func knownTOTP(_ reply: EnrolReply) throws -> TOTP? {
        guard let secret = reply.totpSecret else { return try answers.storedSecret() }
        return TOTP(base32: secret)
    }

    private func announce(_ reply: EnrolReply) throws {
        guard reply.needs == .newFactors, let secret = reply.totpSecret else { return }
        try answers.announce(secret: secret, otpauth: reply.otpauth)
    }
}
