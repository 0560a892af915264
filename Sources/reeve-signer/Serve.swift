import ArgumentParser
import Glibc
import Posix
import SignerProtocol
import SignerVault

/// `reeve-signer serve`: answers on the socket until it is ended.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer on the socket.",
        discussion: """
            Without --key-file the key is the credential signer.key that systemd hands over. Where there is none either, the \
            signer starts sealed: it tells its public keys, and signs nothing before `reeve-signer unlock`.
            """)

    @Option(name: .customLong("data"), help: "Folder of the sealed files.")
    var folder: String

    @Option(help: "File with the 32 bytes that open them.")
    var keyFile: String?

    @Option(help: "Path of the Unix socket.")
    var socket: String

    @Flag(help: "Make the keys where there are none; needs --key-file.")
    var embedded = false

    @Option(help: ArgumentHelp("End when this process, which must be the parent, ends.", valueName: "pid"))
    var parent: Int32?

    @Option(help: "Become this user; needs root.")
    var user: String?

    @Option(
        name: .customLong("allow-uid"),
        help: ArgumentHelp("Another user that may connect; may be repeated.", valueName: "uid"))
    var allowedUIDs: [UInt32] = []

    @Option(
        name: .customLong("allow-user"),
        help: ArgumentHelp("The same by name; may be repeated.", valueName: "user"))
    var allowedUsers: [String] = []

    @Flag(help: "Keep all system calls; for debugging alone.")
    var noSyscallFilter = false

    func validate() throws {
        guard !embedded || keyFile != nil else { throw ValidationError("--embedded needs --key-file FILE") }
    }

    func run() throws {
        try CommandFault.reported {
            let allowed = try allowedUIDs + allowedUsers.map { try PosixUser(named: $0).uid }
            try harden()
            let vault = try openVault()
            let admitted = Set(allowed + [ProcessHardening.currentUID])
            // Who else may connect is decided by the kernel's word about the peer, not by the mode of the
            // file.
            let listener = try UnixListener(socket, mode: admitted.count == 1 ? 0o600 : 0o666)
            let server = SignerServer(
                vault, listener: listener, admitted: admitted, now: { WallClock.now() },
                log: { StandardError.write($0) })
            if !noSyscallFilter { try SystemCallFilter.confineServer() }
            server.run()
        }
    }

    /// Takes rights away before any secret is read.
    private func harden() throws {
        if let user { try ProcessHardening.become(try PosixUser(named: user)) }
        try ProcessHardening.apply()
        if let parent { try ProcessHardening.endWithParent(parent) }
    }

    private func openVault() throws -> VaultDoor {
        guard let keyFile = keyFile ?? Self.credential() else {
            let door = try VaultDoor(sealed: VaultFolder(folder), now: { WallClock.now() })
            StandardError.write("reeve-signer: sealed until `reeve-signer unlock --socket \(socket)`\n")
            return door
        }
        if embedded, !VaultFiles.isPrepared(folder: folder) {
            try VaultFiles.prepare(folder: folder, keyFile: keyFile)
        }
        let files = try VaultFiles(folder: folder, keyFile: keyFile)
        return VaultDoor(try Vault(files, now: { WallClock.now() }))
    }

    /// What systemd read for this service (systemd.exec(5), CREDENTIALS), if it did.
    private static func credential() -> String? {
        guard let folder = unsafe getenv("CREDENTIALS_DIRECTORY") else { return nil }
        let path = unsafe "\(String(cString: folder))/signer.key"
        return (try? DurableFile(path).access()) == nil ? nil : path
    }
}
