import Posix
package import SignerProtocol

/// The signer's folder, taken by this process; nothing in it needs to be open.
///
/// `signer.public` in it says what the world may know of the keys: what a sealed signer can tell. It is not sealed, so
/// whoever writes to the folder can name other keys there; nothing is signed by it, and the server compares them
/// with those that its database began with.
package struct VaultFolder: Sendable {
    let path: String
    /// Held as long as this value: two signers on one folder would each remember another checkpoint.
    private let lock: FileLock

    private static let limit = 1_048_576

    /// - Throws: ``VaultError/posix(_:)`` with `EWOULDBLOCK` when another signer runs on it;
    ///   ``VaultError/notPrepared(path:)`` when there is no such folder.
    package init(_ path: String) throws(VaultError) {
        guard (try? DurableFile(path).access()) != nil else { throw .notPrepared(path: path) }
        self.path = path
        lock = try VaultError.wrap { () throws(PosixError) in try FileLock("\(path)/signer.lock") }
    }

    private var file: DurableFile { DurableFile("\(path)/signer.public") }

    /// The keys as the world may know them.
    ///
    /// - Throws: ``VaultError/notPrepared(path:)`` when there are no keys; ``VaultError/missing(path:)`` when the
    ///   folder was never open in this version: it must be opened with its key file once.
    package func publicKeys() throws(VaultError) -> [SignerKey] {
        guard VaultFiles.isPrepared(folder: path) else { throw .notPrepared(path: path) }
        let bytes = try VaultError.wrap { () throws(PosixError) in
            try file.readIfPresent(limit: Self.limit)
        }
        guard let bytes else { throw .missing(path: file.path) }
        let frame = Frame(type: Self.type, id: 0, payload: bytes)
        guard case .hello(let greeting) = try? SignerReply(frame) else { throw .notOurs(path: file.path) }
        return greeting.keys
    }

    /// Writes them where they are not the same already.
    func publish(_ keys: [SignerKey]) throws(VaultError) {
        let greeting = SignerGreeting(version: SignerRequest.version, instance: [], keys: keys)
        let bytes = SignerReply.hello(greeting).frame(id: 0).payload
        try VaultError.wrap { () throws(PosixError) in
            guard (try? file.read(limit: Self.limit)) != bytes else { return }
            try file.write(bytes)
        }
    }

    /// The type of a greeting's frame: the file has its payload.
    private static let type = SignerReply.hello(
        SignerGreeting(version: SignerRequest.version, instance: [], keys: [])
    ).frame(id: 0).type
}
