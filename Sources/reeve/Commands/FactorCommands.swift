import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Names
import Posix

/// `reeve recovery`
struct RecoveryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery", abstract: "Recovery codes, for the day when the authenticator app is gone.",
        subcommands: [RecoveryCodesCommand.self])
}

struct RecoveryCodesCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "codes", abstract: "Make ten new codes; the former ones are void.",
        discussion: "Each counts once, with the password: reeve login --recovery. Keep them on paper.")

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write them to this file (0600) instead of printing them.", valueName: "path"))
    var output: String?
    @OptionGroup var common: CommonOptions

    struct Report: Encodable { let codes: Int }

    func perform() async throws {
        let reply = try await StateFolder().signedIn {
            try await $0.call(.recoveryCodes, body: EmptyReply(), as: RecoveryCodesReply.self).0
        }
        guard let output else { return show(reply, lines: reply.codes) }
        try DurableFile(output).write(Array((reply.codes.joined(separator: "\n") + "\n").utf8), mode: 0o600)
        show(
            Report(codes: reply.codes.count),
            lines: ["\(reply.codes.count) recovery codes are in \(output); the former ones are void."])
    }
}

/// `reeve factor`
struct FactorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "factor", abstract: "Ways of proving who you are.",
        subcommands: [
            FactorPasswordCommand.self, FactorTOTPCommand.self, FactorSSHKeyCommand.self,
            FactorWebAuthnCommand.self,
        ])
}

struct FactorPasswordCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "password", abstract: "Change your password.",
        discussion: "Asks for the former one and a second factor too, where they were shown long ago.")

    @Flag(help: "End all your other sessions.")
    var endOthers = false
    @OptionGroup var answers: AnswerOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let state = try StateFolder()
        let password = try Prompter(try answers.answers()).newPassword("new-password")
        let reply = try await state.signedIn { connection in
            let request = password.withExposed { password in
                NewPasswordRequest(password: password, endOthers: endOthers ? true : nil)
            }
            return try await connection.call(.password, body: request, as: SessionsEndReply.self).0
        }
        let ended = endOthers ? "; \(reply.ended.count) other sessions have ended" : ""
        show(reply, lines: ["The new password counts from now on\(ended)."])
    }
}

struct FactorTOTPCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "totp", abstract: "Set up a new authenticator app in place of the former one.",
        discussion: "Shows the new secret, then asks for a code of it. The way back after a recovery code.")

    @OptionGroup var answers: AnswerOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let whoami = try await StateFolder().signedIn { connection in
            let (new, _) = try await connection.call(.totp, body: EmptyReply(), as: NewTOTPReply.self)
            let prompter = Prompter(try answers.answers(), totp: TOTP(base32: new.totpSecret))
            try answers.announce(secret: new.totpSecret, otpauth: new.otpauth)
            let code = try prompter.shown("totp", "Code of the new authenticator app")
            let request = code.withExposed { code in
                NewTOTPRequest(enrolment: new.enrolment, totp: String(code.filter { $0 != " " }))
            }
            return try await connection.call(.totpFinish, body: request, as: WhoAmI.self).0
        }
        show(whoami, lines: ["The new authenticator app counts from now on; the former one is void."])
    }
}

struct FactorSSHKeyCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh-key", abstract: "Register an ssh key that can sign you in from now on.",
        discussion: """
            The ssh-agent proves that it holds the key. Sign in with it where the authority takes that: \
            reeve login --with sshkey+totp. It ends like every key: reeve revoke --key.
            """)

    @Argument(
        help: "SHA256:…, or the file of the public half; by default the only key of the ssh-agent.",
        completion: .file())
    var key: String?
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let state = try StateFolder()
        let identity = try state.device().identity
        let signer = SSHKeySigner(name: key)
        let reply = try await state.signedIn { connection in
            let origin = try await connection.call(.authority, as: AuthorityInfo.self).0.origin
            let signature = try signer.sign(
                SSHKeyRequest.text(identity: identity, origin: origin), SSHKeyRequest.namespace)
            return try await connection.call(
                .sshKeyAdd, body: SSHKeyRequest(signature: signature), as: SSHKeyReply.self
            ).0
        }
        show(reply, lines: ["\(reply.fingerprint) can sign you in from now on."])
    }
}
