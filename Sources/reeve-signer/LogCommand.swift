import ArgumentParser
import Posix
import SignerVault

/// `reeve-signer log`: what the checkpoint key remembers. Offline, with the key file; no signer may run meanwhile.
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Care for what the checkpoint key remembers of the ledger.",
        subcommands: [Restart.self])

    struct Restart: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget the last checkpoint, after the ledger was lost and a backup of it is in use.",
            discussion: """
                The key then signs the restored ledger, which is shorter than what it has signed before. Whoever kept \
                a later checkpoint will see that events are missing, and rightly so. `reeved restore` runs this \
                itself where it starts its own signer.
                """)

        @OptionGroup var location: Location

        func run() throws {
            try CommandFault.reported {
                try ProcessHardening.apply()
                let files = try VaultFiles(folder: location.folder, keyFile: location.keyFile)
                let forgotten = try files.restartLog()
                let root = forgotten.root.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
                print("forgotten: a checkpoint of \(forgotten.size) events, root \(root.joined())")
            }
        }
    }
}
