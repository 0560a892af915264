/// The signature algorithms that count.
enum SignatureAlgorithm: String {
    case ed25519 = "ssh-ed25519"
    case ecdsaP256 = "ecdsa-sha2-nistp256"
    case ecdsaP384 = "ecdsa-sha2-nistp384"
    case ecdsaP521 = "ecdsa-sha2-nistp521"
    case rsaSHA256 = "rsa-sha2-256"
    case rsaSHA512 = "rsa-sha2-512"
    case skEd25519 = "sk-ssh-ed25519@openssh.com"
    case skECDSAP256 = "sk-ecdsa-sha2-nistp256@openssh.com"

    /// Algorithms that are never accepted, carried or not: SHA-1 and DSA.
    static func isRefused(_ name: String) -> Bool {
        ["ssh-rsa", "ssh-dss"].contains { name.utf8.starts(with: $0.utf8) }
    }

    var isSecurityKey: Bool { self == .skEd25519 || self == .skECDSAP256 }

    /// Says whether the bytes have the form of this algorithm.
    func check(_ bytes: [UInt8]) throws(SignatureError) {
        switch self {
        case .ed25519, .skEd25519:
            guard bytes.count == 64 else { throw .badLength(bytes.count) }
        case .rsaSHA256, .rsaSHA512:
            guard (1...KeyNumbers.modulusLimit).contains(bytes.count) else { throw .badLength(bytes.count) }
        case .ecdsaP256, .skECDSAP256: _ = try Self.ecdsaRaw(bytes, .p256)
        case .ecdsaP384: _ = try Self.ecdsaRaw(bytes, .p384)
        case .ecdsaP521: _ = try Self.ecdsaRaw(bytes, .p521)
        }
    }

    /// `r ‖ s`, each as long as the curve has it, of `mpint r, mpint s` (RFC 5656 §3.1.2).
    static func ecdsaRaw(_ bytes: [UInt8], _ curve: NISTCurve) throws(SignatureError) -> [UInt8] {
        var reader = WireReader(bytes)
        let (r, s) = try SignatureError.wrap { () throws(WireError) in
            let pair = (try reader.mpint(limit: curve.size), try reader.mpint(limit: curve.size))
            try reader.end()
            return pair
        }
        guard !r.isEmpty, !s.isEmpty else { throw .invalid }
        return padded(r, to: curve.size) + padded(s, to: curve.size)
    }

    /// `mpint r, mpint s` of `r ‖ s`, two halves of one length.
    static func ecdsaBytes(raw: [UInt8]) -> [UInt8] {
        var writer = WireWriter(capacity: raw.count + 16)
        writer.mpint(raw.prefix(raw.count / 2))
        writer.mpint(raw.dropFirst(raw.count / 2))
        return writer.bytes
    }
}

/// The number with zeros before it, so many bytes long.
func padded(_ magnitude: some Collection<UInt8>, to count: Int) -> [UInt8] {
    [UInt8](repeating: 0, count: max(0, count - magnitude.count)) + magnitude
}
