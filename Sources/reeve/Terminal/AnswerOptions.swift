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
            "enrol: write the TOTP secret to this file (0600); login: read it from there.", valueName: "path")
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
        let file = DurableFile(answersFile)
        guard try file.access().isPrivate else {
            throw Fault(
                .usage, "others can read \(answersFile)",
                next: "Make it yours alone: chmod 600 '\(answersFile)'")
        }
        return try Self.parse(try file.read(limit: AnswerLines.limit))
    }

    /// The TOTP secret from its file, for `totp=auto` at login; nil when none is named.
    func storedSecret() throws -> TOTP? {
        guard let totpSecretFile else { return nil }
        let text = String(decoding: try DurableFile(totpSecretFile).read(limit: 256), as: UTF8.self)
        return TOTP(base32: String(text.prefix { !$0.isWhitespace }))
    }

    private static func parse(_ bytes: [UInt8]) throws -> AnswerLines {
        do { return try AnswerLines(bytes) } catch {
            throw Fault(
                .usage, "the answers cannot be read: \(error)", next: "Write one name=value on each line.")
        }
    }
}
