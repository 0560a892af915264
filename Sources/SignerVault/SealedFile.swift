import Crypto
import Posix

/// A file that only the holder of the key file can read or make: ChaCha20-Poly1305 (RFC 8439) under a key of
/// its own.
///
/// Layout: magic (16 bytes), salt (32), nonce (12), ciphertext, tag (16). Magic and salt are authenticated
/// too; the name enters the key, so that one file cannot stand for another.
struct SealedFile: Sendable {
    /// Longest file accepted, in bytes.
    static let limit = 16_777_216

    private static let magic = Array("keyreeve-sealed1".utf8)
    private static let saltCount = 32

    let path: String
    private let name: String
    private let keyFile: KeyFile

    init(folder: String, name: String, keyFile: KeyFile) {
        path = "\(folder)/\(name)"
        self.name = name
        self.keyFile = keyFile
    }

    var exists: Bool { (try? DurableFile(path).access()) != nil }

    /// The content, or nil when there is no file.
    ///
    /// - Throws: ``VaultError/notOurs(path:)`` for any file that we did not write with this key.
    func read() throws(VaultError) -> [UInt8]? {
        let bytes = try VaultError.wrap { () throws(PosixError) in
            try DurableFile(path).readIfPresent(limit: Self.limit)
        }
        guard let bytes else { return nil }
        return try open(bytes)
    }

    /// What was sealed for this name with this key.
    ///
    /// - Throws: ``VaultError/notOurs(path:)``.
    func open(_ bytes: [UInt8]) throws(VaultError) -> [UInt8] {
        let head = bytes.prefix(Self.magic.count + Self.saltCount)
        guard head.starts(with: Self.magic), head.count == Self.magic.count + Self.saltCount else {
            throw .notOurs(path: path)
        }
        let key = keyFile.key(salt: Array(head.dropFirst(Self.magic.count)), name: name)
        do {
            let box = try ChaChaPoly.SealedBox(combined: bytes.dropFirst(head.count))
            return Array(try ChaChaPoly.open(box, using: key, authenticating: head))
        } catch {
            throw .notOurs(path: path)
        }
    }

    /// Replaces the content durably.
    func write(_ content: [UInt8]) throws(VaultError) {
        let bytes = try seal(content)
        try VaultError.wrap { () throws(PosixError) in try DurableFile(path).write(bytes) }
    }

    func seal(_ content: [UInt8]) throws(VaultError) -> [UInt8] {
        let salt = try VaultError.wrap { () throws(PosixError) in try secureRandom(Self.saltCount) }
        let head = Self.magic + salt
        do {
            let box = try ChaChaPoly.seal(
                content, using: keyFile.key(salt: salt, name: name), authenticating: head)
            return head + Array(box.combined)
        } catch {
            throw .cryptography
        }
    }
}
