/// A signed checkpoint: a body and signatures over it, as a C2SP signed note.
///
/// ```
/// authority.example.com
/// 42
/// root hash in base64
///
/// — authority.example.com base64(key hash ‖ signature)
/// ```
public struct Checkpoint: Hashable, Sendable {
    /// One signature line.
    public struct Signature: Hashable, Sendable {
        /// Name of the key.
        public let name: String
        /// First four bytes of its hash; see ``VerifierKey/keyHash``.
        public let keyHash: [UInt8]
        /// 64 bytes for Ed25519; other types of signature may stand beside ours.
        public let bytes: [UInt8]
    }

    public let body: CheckpointBody
    public let signatures: [Signature]
    /// The exact bytes that the signatures are over, as received.
    public let signedBytes: [UInt8]

    /// Longest note accepted, in bytes; most signatures on it.
    public static let limit = 16_384
    public static let signatureLimit = 16

    /// Seals a body.
    ///
    /// - Throws: ``CheckpointError/origin(_:)``, ``CheckpointError/wrongSignature``.
    public init(
        _ body: CheckpointBody, signature: [UInt8], by key: VerifierKey
    ) throws(CheckpointError) {
        self.body = body
        signatures = [Signature(name: key.name, keyHash: key.keyHash, bytes: signature)]
        signedBytes = body.bytes
        try verify(with: key)
    }

    /// Reads a note. Nothing is verified yet.
    ///
    /// - Throws: ``CheckpointError/malformed``.
    public init(parsing text: [UInt8]) throws(CheckpointError) {
        guard text.count <= Self.limit, let end = Self.endOfBody(text) else { throw .malformed }
        signedBytes = Array(text[..<end])
        body = try CheckpointBody(parsing: signedBytes)
        let lines = text[(end + 1)...].split(
            separator: UInt8(ascii: "\n"), maxSplits: Self.signatureLimit + 1,
            omittingEmptySubsequences: false)
        guard lines.last?.isEmpty == true, (1...Self.signatureLimit).contains(lines.count - 1) else {
            throw .malformed
        }
        var signatures: [Signature] = []
        for line in lines.dropLast() { signatures.append(try Self.signature(line)) }
        self.signatures = signatures
    }

    /// Reads the text of a note.
    public init(parsing text: String) throws(CheckpointError) { try self.init(parsing: Array(text.utf8)) }

    /// Checks that the key's log says this.
    ///
    /// - Throws: ``CheckpointError/origin(_:)``, ``CheckpointError/unsigned``,
    ///   ``CheckpointError/wrongSignature``.
    public func verify(with key: VerifierKey) throws(CheckpointError) {
        guard body.origin == key.name else { throw .origin(body.origin) }
        let keyHash = key.keyHash
        let ours = signatures.filter { $0.name == key.name && $0.keyHash == keyHash }
        guard !ours.isEmpty else { throw .unsigned }
        guard ours.allSatisfy({ key.isValid($0.bytes, of: signedBytes) }) else { throw .wrongSignature }
    }

    /// The note as text.
    public var text: String {
        let lines = signatures.map { "— \($0.name) \(Base64.encode($0.keyHash + $0.bytes))\n" }
        return String(decoding: signedBytes, as: UTF8.self) + "\n" + lines.joined()
    }

    /// Where the blank line stands: the last one, since a body may not hold any.
    private static func endOfBody(_ text: [UInt8]) -> Int? {
        let newline = UInt8(ascii: "\n")
        return text.indices.dropFirst().last { text[$0] == newline && text[$0 - 1] == newline }
    }

    private static func signature(_ line: ArraySlice<UInt8>) throws(CheckpointError) -> Signature {
        let dash = Array("— ".utf8)
        guard line.starts(with: dash) else { throw .malformed }
        let fields = line.dropFirst(dash.count).split(
            separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 2, let first = fields.first, !first.isEmpty,
            let name = String(validating: first, as: UTF8.self),
            let bytes = fields.last.flatMap(Base64.decode), bytes.count > 4
        else { throw .malformed }
        return Signature(name: name, keyHash: Array(bytes.prefix(4)), bytes: Array(bytes.dropFirst(4)))
    }
}
