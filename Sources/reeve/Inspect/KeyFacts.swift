import SSHFormats

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A public key.
struct KeyFacts: InspectedFacts {
    let kind = "public key"
    let type: String
    let bits: Int
    let fingerprint: String
    let publicKey: String
    /// Why no certificate would be issued for it; nil if one would.
    let weakness: String?

    private enum CodingKeys: String, CodingKey { case kind, type, bits, fingerprint, publicKey, weakness }

    init(_ key: PublicKey) {
        type = key.type.name
        bits = key.bits
        fingerprint = key.fingerprint.description
        publicKey = key.text()
        do throws(KeyError) {
            try key.checkStrength()
            weakness = nil
        } catch {
            weakness = "the key \(error)"
        }
    }

    init(_ key: DSAKey) {
        type = DSAKey.typeName
        bits = key.bits
        fingerprint = key.fingerprint.description
        publicKey = key.text
        weakness = "the key \(KeyError.dsa)"
    }

    /// The key of a blob, DSA among them.
    init(blob: ArraySlice<UInt8>) throws(KeyError) {
        if let key = try? DSAKey(blob: blob) { self.init(key) } else { self.init(try PublicKey(blob: blob)) }
    }

    var lines: [String] {
        let size = bits > 0 ? "\(bits) bits" : "which reeve does not know"
        return ["\(kind): \(type), \(size)", "fingerprint: \(fingerprint)", publicKey]
            + (weakness.map { ["refused for certificates: \($0)"] } ?? [])
    }
}

/// A private key file of OpenSSH (PROTOCOL.key): its public half. The private half is not even looked at, so it cannot
/// be shown, and a passphrase is not asked for.
struct PrivateKeyFacts: InspectedFacts {
    let kind = "private key"
    let type: String
    let bits: Int
    let fingerprint: String
    let publicKey: String
    /// `none`, or what the private half is locked with.
    let cipher: String
    /// `none` or `bcrypt`.
    let derivation: String

    private enum CodingKeys: String, CodingKey {
        case kind, type, bits, fingerprint, publicKey, cipher, derivation
    }

    /// - Throws: ``KeyError``, ``WireError``
    init(_ text: String) throws {
        let letters = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }.joined()
        let magic = Array("openssh-key-v1\0".utf8)
        guard let data = Data(base64Encoded: letters), data.starts(with: magic) else {
            throw KeyError.malformed("openssh-key-v1")
        }
        var reader = WireReader(Array(data.dropFirst(magic.count)))
        cipher = try reader.text(limit: 64)
        derivation = try reader.text(limit: 64)
        _ = try reader.string(limit: 1_024)
        guard try reader.uint32() == 1 else { throw KeyError.malformed("one key") }
        let key = try KeyFacts(blob: try reader.string())
        type = key.type
        bits = key.bits
        fingerprint = key.fingerprint
        publicKey = key.publicKey
    }

    var lines: [String] {
        let lock = cipher == "none" ? "no passphrase" : "locked by a passphrase (\(cipher), \(derivation))"
        return [
            "\(kind): \(type), \(bits) bits, \(lock)", "fingerprint: \(fingerprint)",
            "the public half, as the file says it:", publicKey,
        ]
    }
}
