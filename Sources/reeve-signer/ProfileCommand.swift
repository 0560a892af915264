import ArgumentParser
import Posix
import SignerProtocol
import SignerVault

/// `reeve-signer profile`: what the keys may sign. Offline, with the key file; the server must not run
/// meanwhile.
struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile", abstract: "Show or change what keys may sign.",
        subcommands: [Show.self, Set.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the profile of every role.")

        @OptionGroup var location: Location

        func run() throws {
            try CommandFault.reported {
                try ProcessHardening.apply()
                let files = try VaultFiles(folder: location.folder, keyFile: location.keyFile)
                let keyring = try files.keyring()
                for role in SignerRole.allCases { print("\(role.rawValue) \(keyring.profile(role))") }
            }
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change fields of a profile, such as `userCA validity=3600 rate=100`.")

        @OptionGroup var location: Location

        @Argument(help: "Role of the key.")
        var role: String

        @Argument(help: "Fields as `profile show` prints them.")
        var fields: [String]

        func run() throws {
            try CommandFault.reported {
                guard let role = SignerRole(rawValue: role) else {
                    let roles = SignerRole.allCases.map(\.rawValue).joined(separator: ", ")
                    throw VaultError.profile("role is one of \(roles)")
                }
                try ProcessHardening.apply()
                let files = try VaultFiles(folder: location.folder, keyFile: location.keyFile)
                var keyring = try files.keyring()
                try keyring.set(fields, of: role)
                try files.save(keyring)
                print("\(role.rawValue) \(keyring.profile(role))")
            }
        }
    }
}
