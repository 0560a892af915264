import SSHFormats

/// A certificate in the making, with a value for every field.
struct Sample {
    var authority: PrivateKey
    var kind = CertificateKind.user
    var publicKey: PublicKey
    var serial: UInt64 = 7
    var keyID = "alice@laptop"
    var principals = ["deploy@web1.example.com"]
    var after: UInt64 = 1_700_000_000
    var before: UInt64 = 1_700_028_800
    var criticalOptions = CriticalOptions.none
    var extensions = Extensions.standard
    var nonce = [UInt8](repeating: 9, count: 32)

    private static let keys = Result {
        (
            try PrivateKey(ed25519Seed: [UInt8](repeating: 1, count: 32)),
            try PrivateKey(ed25519Seed: [UInt8](repeating: 2, count: 32)).publicKey
        )
    }

    init() throws {
        (authority, publicKey) = try Self.keys.get()
    }

    func draft() throws -> CertificateDraft {
        try CertificateDraft(
            kind: kind, publicKey: publicKey, serial: serial, keyID: keyID,
            principals: try Principals(principals),
            validity: try Validity(validAfter: UnixTime(after), validBefore: UnixTime(before)),
            criticalOptions: criticalOptions, extensions: extensions, nonce: nonce,
            signatureKey: authority.publicKey)
    }

    func certificate() throws -> Certificate {
        let draft = try draft()
        return try draft.sealed(with: try authority.sign(draft.toBeSigned))
    }
}

/// The bytes to be signed, field by field, with nothing checked: for bytes that no draft would write.
struct RawSample {
    var typeName = KeyType.ed25519.certificateName
    var nonce = [UInt8](repeating: 9, count: 32)
    var keyFields: [UInt8]
    var serial: UInt64 = 7
    var kind: UInt32 = 1
    var keyID = Array("alice@laptop".utf8)
    var principals: [[UInt8]] = [Array("alice".utf8)]
    var after: UInt64 = 1_700_000_000
    var before: UInt64 = 1_700_028_800
    var criticalOptions: [(name: String, data: [UInt8])] = []
    var extensions: [(name: String, data: [UInt8])] = [("permit-pty", [])]
    var reserved: [UInt8] = []
    var authority: PrivateKey
    var signatureKey: [UInt8]

    init() throws {
        authority = try PrivateKey(ed25519Seed: [UInt8](repeating: 1, count: 32))
        signatureKey = authority.publicKey.blob
        var writer = WireWriter()
        writer.string(try PrivateKey(ed25519Seed: [UInt8](repeating: 2, count: 32)).publicKey.blob.suffix(32))
        keyFields = writer.bytes
    }

    var toBeSigned: [UInt8] {
        var writer = WireWriter()
        writer.string(typeName)
        writer.string(nonce)
        writer.raw(keyFields)
        writer.uint64(serial)
        writer.uint32(kind)
        writer.string(keyID)
        writer.string { for name in principals { $0.string(name) } }
        writer.uint64(after)
        writer.uint64(before)
        for options in [criticalOptions, extensions] {
            writer.string { writer in
                for option in options {
                    writer.string(option.name)
                    writer.string(option.data)
                }
            }
        }
        writer.string(reserved)
        writer.string(signatureKey)
        return writer.bytes
    }

    var blob: [UInt8] {
        get throws {
            var writer = WireWriter()
            writer.raw(toBeSigned)
            writer.string(try authority.sign(toBeSigned).blob)
            return writer.bytes
        }
    }

    /// Reads the certificate, and the draft of it; both must say the same.
    func read() throws(CertificateError) {
        do {
            _ = try Certificate(blob: try blob)
        } catch let error as CertificateError {
            throw error
        } catch {
            throw .notCanonical
        }
    }

    /// The data of an option that holds one text.
    static func text(_ value: String) -> [UInt8] {
        var writer = WireWriter()
        writer.string(value)
        return writer.bytes
    }
}
