package import AuthorityAPI
import Posix

/// The agent's own key: P-256, made on this host, kept as 32 bytes in a file of mode 0600, used to sign DPoP proofs
/// (RFC 9449). It never leaves this host.
package enum AgentKey {
    /// Reads the key, or makes it where there is none. It is on the disk before it is used, so that a link that was
    /// redeemed by it can be redeemed again when the answer was lost.
    ///
    /// - Throws: ``Fault`` `key-unsafe` when others may read the file, `key-damaged`, `file`.
    package static func loadOrMake(_ folder: AgentFolder) throws(Fault) -> DPoPKey {
        if let key = try load(folder) { return key }
        do {
            let key = try DPoPKey()
            try DurableFile(folder.key).create(key.rawRepresentation, mode: 0o600)
            return key
        } catch {
            throw Fault("file", "\(error)")
        }
    }

    /// The key, or nil where there is none.
    package static func load(_ folder: AgentFolder) throws(Fault) -> DPoPKey? {
        let file = DurableFile(folder.key)
        let (bytes, access): ([UInt8]?, FileAccess?)
        do throws(PosixError) {
            bytes = try file.readIfPresent(limit: 4096)
            access = bytes == nil ? nil : try file.access()
        } catch {
            throw Fault("file", "\(error)")
        }
        guard let bytes, let access else { return nil }
        guard access.isPrivate, access.uid == ProcessHardening.currentUID else {
            throw Fault("key-unsafe", "\(folder.key) must belong to root and have mode 0600")
        }
        do { return try DPoPKey(rawRepresentation: bytes) } catch {
            throw Fault("key-damaged", "\(folder.key) is not a P-256 key of 32 bytes")
        }
    }
}
