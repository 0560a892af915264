import Ledger
import Posix
import SignerProtocol

/// The signer's folder: `signer.keys`, `signer.checkpoint`, `signer.hosts`, `signer.lock`, all 0600, the
/// first three sealed.
package struct VaultFiles: Sendable {
    let keys: SealedFile
    let checkpoint: SealedFile
    let hosts: SealedFile
    /// Never on disk: what a key is sealed as on its way to another signer.
    let travelling: SealedFile
    private let folder: VaultFolder

    /// Makes the folder, the key file and all keys where there are none.
    ///
    /// - Throws: ``VaultError/alreadyPrepared(path:)`` when there are keys.
    package static func prepare(folder: String, keyFile: String) throws(VaultError) {
        try VaultError.wrap { () throws(PosixError) in try Folder(folder).make() }
        try KeyFile.make(path: keyFile)
        let files = try VaultFiles(folder: folder, keyFile: keyFile)
        guard !files.keys.exists else { throw .alreadyPrepared(path: files.keys.path) }
        // The keys come last: a folder with keys is complete.
        try CheckpointMemory.make(files.checkpoint)
        try HostStateMemory.make(files.hosts)
        let keyring = try Keyring.make()
        try files.folder.publish(keyring.publicKeys)
        try files.keys.write(keyring.encoded)
    }

    /// Takes the folder, with the key file.
    ///
    /// - Throws: ``VaultError/posix(_:)`` with `EWOULDBLOCK` when another signer runs on it.
    package init(folder: String, keyFile: String) throws(VaultError) {
        let taken = try VaultFolder(folder)
        self.init(taken, key: try KeyFile(path: keyFile))
    }

    init(_ folder: VaultFolder, key: KeyFile) {
        self.folder = folder
        keys = SealedFile(folder: folder.path, name: "signer.keys", keyFile: key)
        checkpoint = SealedFile(folder: folder.path, name: "signer.checkpoint", keyFile: key)
        hosts = SealedFile(folder: folder.path, name: "signer.hosts", keyFile: key)
        travelling = SealedFile(folder: folder.path, name: "signer.key", keyFile: key)
    }

    /// Lets the next checkpoint grow out of nothing, after the ledger was lost and a backup of it is in use.
    ///
    /// - Returns: Size and root of the last checkpoint, which nothing is held to any more.
    package func restartLog() throws(VaultError) -> (size: UInt64, root: [UInt8]) {
        let head = try CheckpointMemory.restart(checkpoint)
        return (head.size, head.root.bytes)
    }

    /// Whether keys have been made in that folder.
    package static func isPrepared(folder: String) -> Bool {
        (try? DurableFile("\(folder)/signer.keys").access()) != nil
    }

    /// Opens the keys.
    ///
    /// - Throws: ``VaultError/notPrepared(path:)``, ``VaultError/notOurs(path:)``.
    package func keyring() throws(VaultError) -> Keyring {
        try Self.keyring(in: keys)
    }

    private static func keyring(in keys: SealedFile) throws(VaultError) -> Keyring {
        guard let bytes = try keys.read() else { throw .notPrepared(path: keys.path) }
        guard let keyring = try? Keyring(decoding: bytes) else { throw .notOurs(path: keys.path) }
        return keyring
    }

    /// All for which a signer would not start on the folder. It is not taken for that: one may be at work on it, and what
    /// it has open says nothing about the next start.
    package static func faults(folder: String, keyFile: String) -> [VaultError] {
        let key: KeyFile
        do throws(VaultError) { key = try KeyFile(path: keyFile) } catch { return [error] }
        let file = { (name: String) in SealedFile(folder: folder, name: name, keyFile: key) }
        return [
            fault { () throws(VaultError) in _ = try keyring(in: file("signer.keys")) },
            fault { () throws(VaultError) in _ = try CheckpointMemory(file("signer.checkpoint")) },
            fault { () throws(VaultError) in _ = try HostStateMemory(file("signer.hosts")) },
        ].compactMap(\.self)
    }

    private static func fault(_ open: () throws(VaultError) -> Void) -> VaultError? {
        do throws(VaultError) { try open() } catch { return error }
        return nil
    }

    /// Seals the keys anew.
    package func save(_ keyring: Keyring) throws(VaultError) {
        try keys.write(keyring.encoded)
        try publish(keyring)
    }

    /// Keeps what the world may know of the keys, for the time that they are sealed.
    func publish(_ keyring: Keyring) throws(VaultError) { try folder.publish(keyring.publicKeys) }
}
