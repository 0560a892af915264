/// All that the authority signs in a certificate, in the order of the wire (draft-miller-ssh-cert §2).
struct CertificateFields: Hashable, Sendable {
    let nonce: [UInt8]
    let publicKey: PublicKey
    let serial: UInt64
    let kind: CertificateKind
    let keyID: String
    let principals: Principals?
    let validAfter: UnixTime
    let validBefore: UnixTime
    let criticalOptions: CriticalOptions
    let extensions: Extensions
    let signatureKey: PublicKey
}

extension CertificateFields {
    /// The longest nonce, key ID, list of principals or options that is read, in bytes.
    private enum Limit {
        static let nonce = 256
        static let keyID = 65_536
    }

    /// Reads the fields; the reader then stands before the signature.
    ///
    /// - Parameter known: A key that was read before and is likely to be the authority's. Where its very bytes stand
    ///   there it is taken as it is: finding its point on the curve again would tell nothing new.
    init(from reader: inout WireReader, known: PublicKey? = nil) throws(CertificateError) {
        let name = try CertificateError.wrap { () throws(WireError) in try reader.text(limit: 256) }
        let type = try KeyType(carryingCertificate: name)
        nonce = try CertificateError.wrap { () throws(WireError) in
            Array(try reader.string(limit: Limit.nonce))
        }
        publicKey = try CertificateError.wrapKey { () throws(KeyError) in
            try PublicKey(of: type, from: &reader)
        }
        let (serial, kind, keyID) = try CertificateError.wrap { () throws(WireError) in
            (try reader.uint64(), try reader.uint32(), try reader.text(limit: Limit.keyID))
        }
        guard let kind = CertificateKind(rawValue: kind) else { throw .unknownKind(kind) }
        self.serial = serial
        self.kind = kind
        self.keyID = keyID
        principals = try Principals.read(try Self.string(&reader))
        (validAfter, validBefore) = try CertificateError.wrap { () throws(WireError) in
            (UnixTime(try reader.uint64()), UnixTime(try reader.uint64()))
        }
        criticalOptions = try CriticalOptions(reading: try Self.string(&reader))
        extensions = try Extensions(reading: try Self.string(&reader))
        guard try Self.string(&reader).isEmpty else { throw .reservedNotEmpty }
        let authority = try Self.string(&reader)
        if let known, authority.elementsEqual(known.blob) {
            signatureKey = known
        } else {
            signatureKey = try CertificateError.wrapKey { () throws(KeyError) in
                try PublicKey(blob: authority)
            }
        }
    }

    /// The bytes that the authority signs.
    func encoded() -> [UInt8] {
        var writer = WireWriter(capacity: 512 + publicKey.blob.count + signatureKey.blob.count)
        writer.string(publicKey.type.certificateName)
        writer.string(nonce)
        writer.raw(publicKey.fields)
        writer.uint64(serial)
        writer.uint32(kind.rawValue)
        writer.string(keyID)
        writer.string { writer in
            for name in principals?.names ?? [] { writer.string(name) }
        }
        writer.uint64(validAfter.seconds)
        writer.uint64(validBefore.seconds)
        writer.string { CertificateOptionList.write(criticalOptions.options, to: &$0) }
        writer.string { CertificateOptionList.write(extensions.options, to: &$0) }
        writer.string(EmptyCollection())
        writer.string(signatureKey.blob)
        return writer.bytes
    }

    private static func string(_ reader: inout WireReader) throws(CertificateError) -> ArraySlice<UInt8> {
        try CertificateError.wrap { () throws(WireError) in try reader.string() }
    }
}
