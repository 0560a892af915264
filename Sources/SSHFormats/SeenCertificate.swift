/// A certificate as anybody may have made it, for showing alone. What ``Certificate`` refuses can be seen here, and
/// ``refusal`` says why; nothing may be decided by it.
package struct SeenCertificate: Sendable {
    package struct Option: Hashable, Sendable {
        package let name: String
        package let data: [UInt8]
    }

    package enum SignatureVerdict: Hashable, Sendable {
        case good
        case bad
        /// The key of the authority is of a kind that verifies nothing here.
        case unknown
    }

    /// As in ``KeyType/certificateName``.
    package let typeName: String
    /// The certified key's blob.
    package let key: [UInt8]
    /// The certified key; nil for DSA.
    package let publicKey: PublicKey?
    package let serial: UInt64
    package let kind: CertificateKind
    package let keyID: String
    /// Any text, in the order of the wire. Bytes that are not UTF-8 are shown as U+FFFD, here and in the names below.
    package let principals: [String]
    package let validAfter: UnixTime
    package let validBefore: UnixTime
    package let criticalOptions: [Option]
    package let extensions: [Option]
    /// The authority's key as it stands there.
    package let signatureKey: [UInt8]
    package let signature: SignatureVerdict
    /// Why it is refused wherever a certificate is issued or accepted; nil if its form is no reason.
    package let refusal: CertificateError?

    /// - Throws: ``CertificateError`` for bytes that have not the form of a certificate.
    package init(text: String) throws(CertificateError) {
        let line = try CertificateError.wrapKey { () throws(KeyError) in try KeyLine(text) }
        guard KeyType.isCertificate(line.name) else { throw .unknownType(line.name) }
        try self.init(blob: line.blob)
        guard line.name == typeName else {
            throw .key(.typeMismatch(named: line.name, inside: typeName))
        }
    }

    init(blob: [UInt8]) throws(CertificateError) {
        guard blob.count <= Certificate.limit else {
            throw .wire(.tooLong(blob.count, limit: Certificate.limit))
        }
        var reader = WireReader(blob)
        typeName = try CertificateError.wrap { () throws(WireError) in try reader.text(limit: 256) }
        _ = try Self.string(&reader)
        (key, publicKey) = try Self.key(of: typeName, from: &reader)
        let (serial, kind) = try CertificateError.wrap { () throws(WireError) in
            (try reader.uint64(), try reader.uint32())
        }
        guard let kind = CertificateKind(rawValue: kind) else { throw .unknownKind(kind) }
        (self.serial, self.kind) = (serial, kind)
        keyID = String(decoding: try Self.string(&reader), as: UTF8.self)
        principals = try Self.names(try Self.string(&reader))
        (validAfter, validBefore) = try CertificateError.wrap { () throws(WireError) in
            (UnixTime(try reader.uint64()), UnixTime(try reader.uint64()))
        }
        criticalOptions = try Self.options(try Self.string(&reader))
        extensions = try Self.options(try Self.string(&reader))
        _ = try Self.string(&reader)
        signatureKey = Array(try Self.string(&reader))
        let signed = reader.consumed
        let signature = try CertificateError.wrap { () throws(WireError) in
            let signature = try reader.string()
            try reader.end()
            return signature
        }
        self.signature = Self.verdict(signature, by: signatureKey, over: signed)
        do throws(CertificateError) {
            _ = try Certificate(blob: blob)
            refusal = nil
        } catch {
            refusal = error
        }
    }

    private static func key(
        of typeName: String, from reader: inout WireReader
    ) throws(CertificateError) -> ([UInt8], PublicKey?) {
        guard typeName == DSAKey.certificateName else {
            let type = try KeyType(carryingCertificate: typeName)
            let key = try CertificateError.wrapKey { () throws(KeyError) in
                try PublicKey(of: type, from: &reader)
            }
            return (key.blob, key)
        }
        let key = try CertificateError.wrapKey { () throws(KeyError) in try DSAKey(from: &reader) }
        return (key.blob, nil)
    }

    private static func names(_ content: ArraySlice<UInt8>) throws(CertificateError) -> [String] {
        var reader = WireReader(content)
        var names: [String] = []
        while !reader.isAtEnd { names.append(String(decoding: try string(&reader), as: UTF8.self)) }
        return names
    }

    private static func options(_ content: ArraySlice<UInt8>) throws(CertificateError) -> [Option] {
        var reader = WireReader(content)
        var options: [Option] = []
        while !reader.isAtEnd {
            let name = String(decoding: try string(&reader), as: UTF8.self)
            options.append(Option(name: name, data: Array(try string(&reader))))
        }
        return options
    }

    private static func verdict(
        _ signature: ArraySlice<UInt8>, by key: [UInt8], over bytes: ArraySlice<UInt8>
    ) -> SignatureVerdict {
        guard let key = try? PublicKey(blob: key), key.type.isKnown else { return .unknown }
        guard let signature = try? Signature(blob: signature) else { return .bad }
        return (try? key.verify(signature, over: bytes)) == nil ? .bad : .good
    }

    private static func string(_ reader: inout WireReader) throws(CertificateError) -> ArraySlice<UInt8> {
        try CertificateError.wrap { () throws(WireError) in try reader.string() }
    }
}

extension SeenCertificate.Option {
    /// The value, where the data is one `string` of text, as those are that `ssh-keygen -O` makes; nil without one.
    package var text: String? {
        var reader = WireReader(data)
        guard let text = try? reader.text(), reader.isAtEnd else { return nil }
        return text
    }
}
