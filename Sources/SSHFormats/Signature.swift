/// A signature as SSH sends it: the algorithm's name and its bytes (RFC 4253 §6.6), and for FIDO keys the
/// flags and the counter of the token (OpenSSH's PROTOCOL.u2f).
///
/// `ssh-rsa`, which is SHA-1, and `ssh-dss` cannot be represented. Signatures by algorithms that are not known here
/// are carried; no key verifies them.
public struct Signature: Hashable, Sendable {
    /// The algorithm's name.
    public let algorithm: String
    /// What stands after the name: 64 bytes for Ed25519, `mpint r, mpint s` for ECDSA, a big-endian number
    /// for RSA; for other algorithms up to 16,384 bytes.
    public let bytes: [UInt8]
    /// For FIDO keys: bit 0, somebody touched the token; bit 2, the token knew who it was. Nil for other
    /// keys.
    public let flags: UInt8?
    /// For FIDO keys: how often the token has signed. Nil for other keys.
    public let counter: UInt32?

    /// A signature made of its parts.
    ///
    /// - Throws: ``SignatureError/refusedAlgorithm(_:)``, ``SignatureError/badLength(_:)``,
    ///   ``SignatureError/wire(_:)``
    public init(
        algorithm: String, bytes: some Collection<UInt8>, flags: UInt8? = nil, counter: UInt32? = nil
    ) throws(SignatureError) {
        let known = SignatureAlgorithm(rawValue: algorithm)
        guard !SignatureAlgorithm.isRefused(algorithm), known != nil || Self.isName(algorithm) else {
            throw .refusedAlgorithm(algorithm)
        }
        let isComplete = flags != nil && counter != nil
        let isBare = flags == nil && counter == nil
        guard known?.isSecurityKey == true ? isComplete : isBare else {
            throw .wire(.unexpected("flags and counter"))
        }
        self.algorithm = algorithm
        self.bytes = Array(bytes)
        self.flags = flags
        self.counter = counter
        try known?.check(self.bytes)
    }

    /// Whether the algorithm is known here, so that a key may verify it.
    public var isKnown: Bool { SignatureAlgorithm(rawValue: algorithm) != nil }

    private static func isName(_ name: String) -> Bool {
        (1...80).contains(name.utf8.count) && !KeyType.isCertificate(name)
            && name.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: ",") }
    }

    /// Reads a signature blob.
    ///
    /// - Throws: ``SignatureError``; trailing bytes are refused.
    public init(blob: some Collection<UInt8>) throws(SignatureError) {
        var reader = WireReader(Array(blob))
        let (algorithm, bytes) = try SignatureError.wrap { () throws(WireError) in
            (try reader.text(limit: 256), try reader.string(limit: 16_384))
        }
        let known = SignatureAlgorithm(rawValue: algorithm)
        var flags: UInt8?
        var counter: UInt32?
        try SignatureError.wrap { () throws(WireError) in
            if known?.isSecurityKey == true {
                flags = try reader.byte()
                counter = try reader.uint32()
            }
            try reader.end()
        }
        try self.init(algorithm: algorithm, bytes: bytes, flags: flags, counter: counter)
    }

    /// The signature as SSH sends it.
    public var blob: [UInt8] {
        var writer = WireWriter(capacity: bytes.count + 64)
        writer.string(algorithm)
        writer.string(bytes)
        if let flags, let counter {
            writer.byte(flags)
            writer.uint32(counter)
        }
        return writer.bytes
    }

    /// Whether a FIDO token was touched for it; false for other keys.
    public var userPresent: Bool { (flags ?? 0) & 0x01 != 0 }

    /// Whether a FIDO token asked for its PIN or a finger; false for other keys.
    public var userVerified: Bool { (flags ?? 0) & 0x04 != 0 }
}

/// What a FIDO token says of the moment at which it signed (OpenSSH's PROTOCOL.u2f, WebAuthn §6.1).
public struct TokenState: Hashable, Sendable {
    /// Bits of the flags byte.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits on the wire.
        public let rawValue: UInt8

        /// These bits.
        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// Somebody touched the token: "user present".
        public static let userPresent = Flags(rawValue: 0x01)
        /// The token knew by a PIN or a finger who it was: "user verified".
        public static let userVerified = Flags(rawValue: 0x04)
    }

    /// The flags.
    public let flags: Flags
    /// How often the token has signed; 0 always if it does not count.
    public let counter: UInt32

    /// A state of these parts.
    public init(flags: Flags, counter: UInt32) {
        self.flags = flags
        self.counter = counter
    }
}

extension Signature {
    /// What the FIDO token said when it signed; nil for other keys. It is signed, so it holds once the signature
    /// has been verified.
    public var token: TokenState? {
        guard let flags, let counter else { return nil }
        return TokenState(flags: TokenState.Flags(rawValue: flags), counter: counter)
    }
}
