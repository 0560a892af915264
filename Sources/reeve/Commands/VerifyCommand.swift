import ArgumentParser
import Posix
import SSHFormats

/// `reeve verify`
struct VerifyCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify the signature of a file: who signed it, and whether the key counted.",
        discussion: """
            Against the directory of the authority, or offline against an allowed_signers file. Exit status 0 if it holds, 1 if \
            not. A signature says nothing about when it was made: it is judged as of now, or of --at if you know better.
            """)

    @Argument(help: "File; - is standard input.", completion: .file())
    var file: String
    @Option(
        name: .shortAndLong, help: ArgumentHelp("Signature; by default FILE.sig.", valueName: "path"),
        completion: .file())
    var signature: String?
    @Option(name: .shortAndLong, help: "What it must be for.")
    var namespace = "file"
    @Option(help: ArgumentHelp("Who must have signed.", valueName: "name"))
    var identity: String?
    @Option(help: ArgumentHelp("When it was signed, such as 2026-01-31T12:00:00Z.", valueName: "time"))
    var at: MomentArgument?
    @Option(
        help: ArgumentHelp(
            "Who may sign, by this file; nothing is asked of the authority.", valueName: "path"),
        completion: .file())
    var allowedSigners: String?
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard file != "-" || signature != nil else { throw ValidationError("Give --signature with -.") }
    }

    func perform() async throws {
        let signature = try SSHSIG(armoured: try InputFile.text(signature ?? file + ".sig"))
        let digest = try signature.hash.digest(ofFile: file)
        let verdict = try await verdict(of: signature, over: digest)
        show(verdict, lines: verdict.lines)
        guard verdict.good else {
            throw Fault(
                .refused, "the signature does not count", next: "Do not trust the file on its account.")
        }
    }

    private func verdict(of signature: SSHSIG, over digest: [UInt8]) async throws -> SignatureVerdict {
        let now = UnixTime(WallClock.now())
        let moment = at.map { UnixTime($0.seconds) }
        guard let allowedSigners else {
            return try await DirectoryCheck.lookUp(signature, identity: identity).verdict(
                of: signature, over: digest, for: namespace, at: moment, now: now)
        }
        return try AllowedSignersCheck(path: allowedSigners, identity: identity).verdict(
            of: signature, over: digest, for: namespace, at: moment ?? now)
    }
}

/// A moment on the command line.
struct MomentArgument: ExpressibleByArgument {
    let seconds: UInt64

    /// `2026-01-31T12:00:00Z`, or seconds since 1970; nil for anything else.
    init?(argument: String) {
        guard let seconds = UInt64(argument) ?? Moment.seconds(argument) else { return nil }
        self.seconds = seconds
    }
}
