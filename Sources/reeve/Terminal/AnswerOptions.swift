import ArgumentParser
import AuthorityClient
import Posix

/// Where answers to prompts come from when nobody sits there.
struct AnswerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Answers to prompts: lines password=…, totp=… in a file that only you can read.",
            discussion: """
                For automation. totp=auto computes the code from the secret that the enrolment makes, or from the file of \
                --totp-secret-file; totp=auto+1 computes the next one. Meant for tests and demos: a machine that holds \
                both factors holds only one.
                """,
            valueName: "path"))
    var answersFile: String?

    @Option(help: ArgumentHelp("The same, from an open descriptor.", valueName: "n"))
    var answersFD: Int32?

    @Option(
        help: ArgumentHelp(
            "enrol, factor totp: write the TOTP secret to this file (0600); login: read it from there.",
            valueName: "path")
    )
    var totpSecretFile: String?

    func validate() throws {
        guard answersFile == nil || answersFD == nil else {
            throw ValidationError("Give --answers-file or --answers-fd, not both.")
        }
    }

    func answers() throws -> AnswerLines {
        if let answersFD {
            return try Self.parse(try InputFile(descriptor: answersFD).readAll(limit: AnswerLines.limit))
        }
        guard let answersFile else { return .none }
        return try Self.answers(in: answersFile)
    }

    /// The answers in a file that is for its owner alone.
    static func answers(in path: String) throws -> AnswerLines {
        let file = DurableFile(path)
        guard try file.access().isPrivate else {
            throw Fault(
                .usage, "others can read \(path)", next: "Make it yours alone: chmod 600 '\(path)'")
        }
        return try parse(try file.read(limit: AnswerLines.limit))
    }

    static func secret(in path: String) throws -> TOTP? {
        let text = String(decoding: try DurableFile(path).read(limit: 256), as: UTF8.self)
        return TOTP(base32: String(text.prefix { !$0.isWhitespace }))
    }

    /// Shows what goes into the authenticator app: at the terminal alone, never in the output; or in the file that was named.
    func announce(secret: String, otpauth: String?) throws {
        if let totpSecretFile {
            try DurableFile(totpSecretFile).write(Array((secret + "\n").utf8), mode: 0o600)
            return
        }
        guard let terminal = Terminal() else { return }
        terminal.show("Scan this with your authenticator app:\n\n")
        let code = otpauth.flatMap { QRCode($0) ?? QRCode($0, correction: .low) }
        for line in code?.terminalLines ?? [] { terminal.show(line + "\n") }
        terminal.show("\nor type the secret: \(secret)\n\n")
    }

    /// The TOTP secret from its file, for `totp=auto` at login; nil when none is named.
    func storedSecret() throws -> TOTP? {
        try totpSecretFile.flatMap(Self.secret(in:))
    }

    private static func parse(_ bytes: [UInt8]) throws -> AnswerLines {
        do { return try AnswerLines(bytes) } catch {
            throw Fault(
                .usage, "the answers cannot be read: \(error)", next: "Write one name=value on each line.")
        }
    }
}
