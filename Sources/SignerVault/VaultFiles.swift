import Ledger
import Posix
import SignerProtocol

/// The signer's folder: `signer.keys`, `signer.checkpoint`, `signer.hosts`, `signer.lock`, all 0600, the
/// first three sealed.
package struct VaultFiles: Sendable {
    let keys: SealedFile
    let checkpoint: SealedFile
    let hosts: SealedFile
    /// Held as long as this value: two signers on one folder would each remember another checkpoint.
    private let lock: FileLock

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
        try files.keys.write(try Keyring.make().encoded)
    }

    /// Takes the folder.
    ///
    /// - Throws: ``VaultError/posix(_:)`` with `EWOULDBLOCK` when another signer runs on it.
    package init(folder: String, keyFile: String) throws(VaultError) {
        guard (try? DurableFile(folder).access()) != nil else { throw .notPrepared(path: folder) }
        lock = try VaultError.wrap { () throws(PosixError) in try FileLock("\(folder)/signer.lock") }
        let key = try KeyFile(path: keyFile)
        keys = SealedFile(folder: folder, name: "signer.keys", keyFile: key)
        checkpoint = SealedFile(folder: folder, name: "signer.checkpoint", keyFile: key)
        hosts = SealedFile(folder: folder, name: "signer.hosts", keyFile: key)
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
        guard let bytes = try keys.read() else { throw .notPrepared(path: keys.path) }
        guard let keyring = try? Keyring(decoding: bytes) else { throw .notOurs(path: keys.path) }
        return keyring
    }

    /// Seals the keys anew.
    package func save(_ keyring: Keyring) throws(VaultError) { try keys.write(keyring.encoded) }
}
