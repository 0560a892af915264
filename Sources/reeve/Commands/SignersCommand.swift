import ArgumentParser
import AuthorityAPI
import AuthorityClient
import SSHFormats

/// `reeve signers`
struct SignersCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "signers",
        abstract: "Print lines of allowed_signers for keys that are registered here.",
        discussion: """
            One line for each time that the key was active, under the names of its holder and owner: what `ssh-keygen -Y \
            verify` and `reeve verify --allowed-signers` take.
            """)

    @Argument(
        help: ArgumentHelp(
            "SHA256:…, or files of public keys or signatures; by default the key of this device.",
            valueName: "key"), completion: .file())
    var keys: [String] = []
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let state = try StateFolder()
        let wanted =
            keys.isEmpty ? [try state.deviceKey().publicKey.fingerprint] : try keys.map(Self.fingerprint)
        let signers = try await state.signedIn { connection in
            var signers: [SignerReply] = []
            for fingerprint in wanted {
                let query = [(name: "key", value: fingerprint.description)]
                signers.append(try await connection.call(.signers, query: query, as: SignerReply.self).0)
            }
            return signers
        }
        show(signers, lines: try signers.flatMap { try $0.allowedSigners() }.map(\.text))
    }

    private static func fingerprint(_ text: String) throws -> Fingerprint {
        guard !text.hasPrefix("SHA256:") else { return try Fingerprint(text: text) }
        let content = try InputFile.text(text)
        guard content.hasPrefix("-----BEGIN SSH SIGNATURE-----") else {
            return try PublicKey(text: content).fingerprint
        }
        return try SSHSIG(armoured: content).signer.publicKey.fingerprint
    }
}
