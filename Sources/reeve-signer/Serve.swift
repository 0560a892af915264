import ArgumentParser
import Posix
import SignerVault

/// `reeve-signer serve`: answers on the socket until it is ended.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Answer on the socket.")

    @OptionGroup var location: Location

    @Option(help: "Path of the Unix socket.")
    var socket: String

    @Flag(help: "Make the keys where there are none.")
    var embedded = false

    @Option(help: ArgumentHelp("End when this process, which must be the parent, ends.", valueName: "pid"))
    var parent: Int32?

    @Option(help: "Become this user; needs root.")
    var user: String?

    @Option(
        name: .customLong("allow-uid"),
        help: ArgumentHelp("Another user that may connect; may be repeated.", valueName: "uid"))
    var allowedUIDs: [UInt32] = []

    func run() throws {
        try CommandFault.reported {
            try harden()
            let vault = try openVault()
            let admitted = Set(allowedUIDs + [ProcessHardening.currentUID])
            // Who else may connect is decided by the kernel's word about the peer, not by the mode of the
            // file.
            let listener = try UnixListener(socket, mode: admitted.count == 1 ? 0o600 : 0o666)
            let server = SignerServer(
                vault, listener: listener, admitted: admitted, now: { WallClock.now() },
                log: { StandardError.write($0) })
            server.run()
        }
    }

    /// Takes rights away before any secret is read.
    private func harden() throws {
        if let user { try ProcessHardening.become(try PosixUser(named: user)) }
        try ProcessHardening.apply()
        if let parent { try ProcessHardening.endWithParent(parent) }
    }

    private func openVault() throws -> Vault {
        if embedded, !VaultFiles.isPrepared(folder: location.folder) {
            try VaultFiles.prepare(folder: location.folder, keyFile: location.keyFile)
        }
        let files = try VaultFiles(folder: location.folder, keyFile: location.keyFile)
        return try Vault(files, now: { WallClock.now() })
    }
}
