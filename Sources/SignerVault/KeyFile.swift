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
        guard access.isPrivate || Self.isCredential(access) else {
            throw .keyFile(path: path, "others may read the key file; set its mode to 0600")
        }
        try self.init(bytes, from: path)
    }

    /// - Parameters:
    ///   - bytes: The content of a key file.
    ///   - source: Where they come from, for sentences.
    init(_ bytes: [UInt8], from source: String) throws(VaultError) {
        guard bytes.count == Self.count else { throw .keyFile(path: source, "a key file has 32 bytes") }
        master = SymmetricKey(data: bytes)
    }

    /// A credential of systemd, where it lets the service in by an access list: owned by root, the mask in the place of
    /// the group.
    private static func isCredential(_ access: FileAccess) -> Bool {
        access.uid == 0 && access.gid == 0 && access.permissions & 0o337 == 0
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
