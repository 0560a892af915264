public import Crypto

/// A SHA-256 value of the Merkle tree: of a leaf, of a node, or of the whole tree (RFC 9162 §2.1.1).
///
/// Leaves and nodes are told apart by the first byte hashed, so that none can pass for the other.
public struct MerkleHash: Hashable, Sendable, CustomStringConvertible {
    /// Length in bytes.
    public static let byteCount = 32

    /// The root of the tree without leaves: the hash of nothing.
    public static let empty = MerkleHash(SHA256.hash(data: [UInt8]()))

    // Four words instead of an array: a ledger is millions of these, and none of them on the heap.
    private let word0: UInt64, word1: UInt64, word2: UInt64, word3: UInt64

    public init(_ digest: SHA256.Digest) { self.init(words: digest) }

    /// Nil unless there are exactly 32 bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(words: bytes)
    }

    /// The first 32 bytes, big-endian. One pass: a ledger's end is read for every transaction.
    @inline(__always)
    private init(words bytes: some Sequence<UInt8>) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var position = 0
        for byte in bytes {
            switch position >> 3 {
            case 0: words.0 = words.0 << 8 | UInt64(byte)
            case 1: words.1 = words.1 << 8 | UInt64(byte)
            case 2: words.2 = words.2 << 8 | UInt64(byte)
            default: words.3 = words.3 << 8 | UInt64(byte)
            }
            position += 1
        }
        (word0, word1, word2, word3) = words
    }

    /// Nil unless there are exactly 64 lower-case hexadecimal digits.
    public init?(hex: some Collection<UInt8>) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes: bytes)
    }

    /// Hash of a leaf: SHA-256(0x00 ‖ bytes).
    public static func leaf(_ bytes: [UInt8]) -> MerkleHash {
        var block: [UInt8] = [0]
        block.reserveCapacity(1 + bytes.count)
        block += bytes
        return MerkleHash(SHA256.hash(data: block))
    }

    /// Hash of a node: SHA-256(0x01 ‖ left ‖ right).
    public static func node(_ left: MerkleHash, _ right: MerkleHash) -> MerkleHash {
        var block: [UInt8] = [1]
        block.reserveCapacity(1 + 2 * byteCount)
        left.append(to: &block)
        right.append(to: &block)
        return MerkleHash(SHA256.hash(data: block))
    }

    /// The 32 bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        append(to: &bytes)
        return bytes
    }

    /// 64 lower-case hexadecimal digits.
    public var description: String { Hex.encode(bytes) }

    private func append(to bytes: inout [UInt8]) {
        for word in [word0, word1, word2, word3] {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
    }
}
