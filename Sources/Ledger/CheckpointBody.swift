/// What a checkpoint says: how large the log is and its root (C2SP tlog-checkpoint). Its bytes are what is
/// signed.
public struct CheckpointBody: Hashable, Sendable {
    /// Name of the log.
    public let origin: String
    /// Number of leaves; below 2^63.
    public let size: UInt64
    public let root: MerkleHash
    /// Further lines that we carry and do not read; ours have none.
    public let extensions: [String]

    /// Longest body accepted, in bytes.
    public static let limit = 4_096

    /// - Throws: ``CheckpointError/malformed`` for a size of 2^63 or more; ``CheckpointError/name``.
    public init(origin: String, size: UInt64, root: MerkleHash) throws(CheckpointError) {
        guard size <= Int64.max else { throw .malformed }
        guard Self.isLine(origin) else { throw .name }
        self.origin = origin
        self.size = size
        self.root = root
        extensions = []
    }

    /// Reads the exact bytes of a body: lines of origin, size, root and extensions, each ended by LF.
    ///
    /// - Throws: ``CheckpointError/malformed``, also for a second way to write the same body.
    public init(parsing bytes: [UInt8]) throws(CheckpointError) {
        guard bytes.count <= Self.limit, bytes.last == UInt8(ascii: "\n"),
            let text = String(validating: bytes.dropLast(), as: UTF8.self)
        else { throw .malformed }
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }[...]
        guard lines.allSatisfy(Self.isLine), let origin = lines.popFirst(), let size = lines.popFirst(),
            let root = lines.popFirst(),
            let number = Decimal.read(size.utf8), number <= Int64.max,
            let hash = Base64.decode(Array(root.utf8)[...]).flatMap({ MerkleHash(bytes: $0) })
        else { throw .malformed }
        self.origin = origin
        self.size = number
        self.root = hash
        extensions = Array(lines)
    }

    /// The bytes that are signed.
    public var bytes: [UInt8] {
        let lines = [origin, String(size), Base64.encode(root.bytes)] + extensions
        return Array(lines.map { $0 + "\n" }.joined().utf8)
    }

    /// Not empty, without control characters.
    private static func isLine(_ line: String) -> Bool {
        !line.isEmpty && line.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    }
}

/// Numbers as decimal digits without sign and leading zeros.
enum Decimal {
    /// Nil for anything else, and above 2^64 - 1.
    static func read(_ digits: some Collection<UInt8>) -> UInt64? {
        guard !digits.isEmpty, digits.first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (tens, tooMany) = value.multipliedReportingOverflow(by: 10)
            let (sum, tooMuch) = tens.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !tooMany, !tooMuch else { return nil }
            value = sum
        }
        return value
    }
}
