import Crypto

/// How a message is hashed before it is signed (PROTOCOL.sshsig §2); the raw value is the name on the wire.
public enum SSHSIGHash: String, Hashable, Sendable, CaseIterable {
    /// SHA-256, 32 bytes.
    case sha256
    /// SHA-512, 64 bytes: what `ssh-keygen` takes if nothing is said.
    case sha512

    /// The length of a hash, in bytes.
    public var byteCount: Int { self == .sha256 ? SHA256.byteCount : SHA512.byteCount }

    /// The hash of a message.
    public func digest(of message: some Collection<UInt8>) -> [UInt8] {
        var hasher = Hasher(self)
        hasher.update(message)
        return hasher.digest()
    }

    /// Hashes a message that comes in pieces, so that a file of any size takes no memory.
    public struct Hasher: Sendable {
        private enum State {
            case sha256(SHA256)
            case sha512(SHA512)
        }

        private var state: State

        /// A hasher that has seen nothing.
        public init(_ hash: SSHSIGHash) {
            state = hash == .sha256 ? .sha256(SHA256()) : .sha512(SHA512())
        }

        /// Takes the next piece.
        public mutating func update(_ piece: some Collection<UInt8>) {
            let bytes = Array(piece)
            switch state {
            case .sha256(var hash):
                hash.update(data: bytes)
                state = .sha256(hash)
            case .sha512(var hash):
                hash.update(data: bytes)
                state = .sha512(hash)
            }
        }

        /// The hash of all pieces so far, in bytes.
        public func digest() -> [UInt8] {
            switch state {
            case .sha256(let hash): Array(hash.finalize())
            case .sha512(let hash): Array(hash.finalize())
            }
        }
    }
}
