import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Posix
import SSHFormats

/// `reeve cert`
struct CertCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "cert", abstract: "Have a certificate issued for a public key of yours.",
        discussion: "The private key is not read.")

    @Option(help: "Host: name, alias or address. Without it --grant gives all places of the grant.")
    var to: String?
    @Option(name: .customLong("as"), help: "Login.")
    var login: String
    @Option(help: "Take this grant.")
    var grant: String?
    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "How long, such as 90s, 30m, 8h; by default as long as the grant gives.", valueName: "time"))
    var lifetime: DurationArgument?
    @Option(help: "day or connection.")
    var scope: String?
    @Option(help: "Why, for those who must approve of it.")
    var reason: String?
    @Flag(help: "Where others must approve first, wait for them.")
    var wait = false
    @Option(
        name: .customShort("k"),
        help: ArgumentHelp("Public key file; - is standard input.", valueName: "file"))
    var key: String
    @Option(
        name: .customShort("o"),
        help: ArgumentHelp("Where the certificate goes; - is standard output.", valueName: "file"))
    var output: String?
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard to != nil || grant != nil else { throw ValidationError("Give --to HOST or --grant NAME.") }
    }

    func perform() async throws {
        let publicKey = try PublicKey(text: try InputFile.text(key))
        let request = CertificateRequest(
            publicKey: publicKey.text(), to: to, as: login, scope: scope, for: lifetime?.seconds,
            grant: grant,
            reason: reason)
        let approval = ApprovalWait(reason: reason, isWanted: wait)
        let reply = try await StateFolder().signedIn { try await approval.certificate(request, $0) }
        let certificate = try Certificate(text: reply.certificate)
        guard certificate.publicKey == publicKey else {
            throw ClientError.badReply("the certificate is not for the key that was sent")
        }
        let line = certificate.text(comment: "reeve \(reply.grant)+\(login)")
        guard let path = output ?? defaultPath, path != "-" else {
            show(reply, lines: [line])
            return
        }
        try DurableFile(path).write(Array((line + "\n").utf8), mode: 0o644)
        show(
            reply,
            lines: [
                "certificate \(reply.serial) by grant \(reply.grant) until \(Moment.text(reply.validBefore)): \(path)"
            ])
    }

    /// Beside the key, under the name where ssh looks for it.
    private var defaultPath: String? {
        guard key != "-" else { return nil }
        return (key.hasSuffix(".pub") ? String(key.dropLast(4)) : key) + "-cert.pub"
    }
}
