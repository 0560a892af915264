import ArgumentParser
import Posix
import SSHFormats

/// `reeve sign`
struct SignCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign files with the key of this device, or with one that an ssh-agent holds.",
        discussion: "Makes what `ssh-keygen -Y sign` makes. The signature of FILE goes to FILE.sig.")

    @Argument(
        help: "Files; - is standard input, whose signature goes to standard output.", completion: .file())
    var files: [String]
    @Option(name: .shortAndLong, help: "What the signature is for: file, git, or name@domain.")
    var namespace = "file"
    @Option(
        name: [.customShort("k"), .long],
        help: ArgumentHelp(
            "Sign with this key of the ssh-agent: SHA256:…, or the file of its public half or certificate.",
            valueName: "key"))
    var key: String?
    @OptionGroup var common: CommonOptions

    struct Signed: Encodable {
        let file: String
        /// Where the signature went; nil for standard output.
        let signatureFile: String?
        let signature: String
        let fingerprint: String
        let namespace: String
    }

    func perform() async throws {
        var signer = try key.map { try FileSigner(agentKey: $0) } ?? FileSigner(StateFolder())
        var all: [Signed] = []
        for file in files {
            let digest = try SSHSIGHash.sha512.digest(ofFile: file)
            let signature = try signer.sign(digest, namespace: namespace, hash: .sha512)
            let target = file == "-" ? nil : file + ".sig"
            if let target { try Self.write(signature, to: target) }
            all.append(
                Signed(
                    file: file, signatureFile: target, signature: signature.armoured,
                    fingerprint: signer.publicKey.fingerprint.description, namespace: namespace))
        }
        let shown = all.map { $0.signatureFile ?? String($0.signature.dropLast()) }
        show(all, text: shown.joined(separator: "\n"))
    }

    /// Replaces an older signature, but no other file.
    private static func write(_ signature: SSHSIG, to path: String) throws {
        let file = DurableFile(path)
        if let old = try file.readIfPresent(limit: SSHSIG.textLimit), (try? SSHSIG(armoured: old)) == nil {
            throw Fault(.usage, "\(path) is there and is no signature", next: "Move it away, then try again.")
        }
        try file.write(Array(signature.armoured.utf8), mode: 0o644)
    }
}
