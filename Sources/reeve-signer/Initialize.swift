import ArgumentParser
import Posix
import SignerVault

/// `reeve-signer init`: makes key file and keys.
struct Initialize: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make the key file, if it is not there, and new keys; never replaces keys.")

    @OptionGroup var location: Location

    func run() throws {
        try CommandFault.reported {
            try ProcessHardening.apply()
            try VaultFiles.prepare(folder: location.folder, keyFile: location.keyFile)
        }
    }
}
