import ArgumentParser
import AuthorityAPI
import Posix
import SSHDoor
import SSHFormats

/// `reeve-door keys`: what the authority must be told.
struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Print the section [door] of the authority's configuration, with the fingerprint; makes the keys."
    )

    @Option(name: .customLong("data"), help: "Folder of the door's keys.")
    var folder: String

    @Option(help: "HOST:PORT that people reach the door by.")
    var address = "ca.example.com:22"

    func run() throws {
        try DoorEnding.reported {
            try ProcessHardening.apply()
            let files = try DoorFiles(folder)
            print(
                """
                # The door's host key: \(files.hostKey.publicKey.fingerprint)
                [door]
                keys = ["\(files.doorKey.publicKey.text())"]
                address = "\(address)"
                host_key = "\(files.hostKey.publicKey.text())"
                """)
        }
    }
}
