import ArgumentParser
import Posix
import SignerVault

/// `reeve-signer check`: whether a signer would start. Changes nothing and may run beside one.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find out whether a signer could start on the folder.",
        discussion: """
            Prints a line for each file that is gone, damaged or sealed with another key file, and then ends with 1. May run \
            beside a signer at work. `reeved doctor` runs this where the server starts its own signer.
            """)

    @OptionGroup var location: Location

    func run() throws {
        try CommandFault.reported { try ProcessHardening.apply() }
        let faults = VaultFiles.faults(folder: location.folder, keyFile: location.keyFile)
        for fault in faults { print(fault) }
        guard faults.isEmpty else { throw ExitCode(1) }
    }
}
