import Crypto
import Posix

/// The 32 random bytes that open the signer's files, in a file of their own.
struct KeyFile: Sendable {
    static let count = 32

    private let master: SymmetricKey

    /// Reads the file.
    ///
    /// - Throws: ``VaultError/keyFile(path:_:)`` unless it has 32 bytes and belongs to its owner alone.
    init(path: String) throws(VaultError) {
        let file = DurableFile(path)
        let (bytes, access) = try VaultError.wrap { () throws(PosixError) in
            (try file.read(limit: Self.count + 1), try file.access())
        }
        guard access.isPrivate else {
            throw .keyFile(path: path, "others may read the key file; set its mode to 0600")
        }
        guard bytes.count == Self.count else { throw .keyFile(path: path, "a key file has 32 bytes") }
        master = SymmetricKey(data: bytes)
    }

    /// Makes the file with mode 0600; one that exists is left alone.
    static func make(path: String) throws(VaultError) {
        let file = DurableFile(path)
        guard (try? file.access()) == nil else { return }
        try VaultError.wrap { () throws(PosixError) in try file.create(try secureRandom(Self.count)) }
    }

    /// The key of one sealed file (HKDF-SHA256, RFC 5869).
    func key(salt: [UInt8], name: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: master, salt: salt, info: Array("keyreeve sealed file \(name)".utf8),
            outputByteCount: 32)
    }
}
