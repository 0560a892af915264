import ArgumentParser
import Posix
import SSHFormats
import SignerProtocol
import SignerVault

/// `reeve-signer keys`: the public halves.
struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the keys: role, state, public key.")

    @OptionGroup var location: Location

    func run() throws {
        try CommandFault.reported {
            try ProcessHardening.apply()
            let files = try VaultFiles(folder: location.folder, keyFile: location.keyFile)
            for key in try files.keyring().publicKeys {
                print(
                    "\(key.role.rawValue) \(key.state.rawValue) \(key.publicKey.text(comment: key.role.rawValue))"
                )
            }
        }
    }
}
