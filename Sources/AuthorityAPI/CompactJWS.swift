import SSHFormats

/// Three parts with dots between them (RFC 7515 §7.1), signed by ES256 (RFC 7518 §3.4).
struct CompactJWS {
    /// The first part as it came.
    let header: ArraySlice<UInt8>
    let payload: JSONValue
    /// `header.payload` as they came: what was signed.
    private let signed: ArraySlice<UInt8>
    /// `r ‖ s`, 64 bytes.
    private let signature: [UInt8]

    init(_ text: [UInt8]) throws(DPoPError) {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let first = parts.first, let last = parts.last,
            let middle = parts.dropFirst().first
        else { throw .malformed("three parts") }
        header = first
        payload = try CompactJWS.json(middle, "payload")
        guard let signature = Base64URL.decode(last), signature.count == 64 else {
            throw .malformed("signature")
        }
        self.signature = signature
        signed = text[first.startIndex..<middle.endIndex]
    }

    /// - Throws: ``DPoPError/badSignature``
    func verify(by key: PublicKey) throws(DPoPError) {
        var numbers = WireWriter(capacity: 80)
        numbers.mpint(signature.prefix(32))
        numbers.mpint(signature.dropFirst(32))
        do {
            try key.verify(Signature(algorithm: "ecdsa-sha2-nistp256", bytes: numbers.bytes), over: signed)
        } catch {
            throw .badSignature
        }
    }

    static func json(_ part: ArraySlice<UInt8>, _ name: String) throws(DPoPError) -> JSONValue {
        guard let bytes = Base64URL.decode(part) else { throw .malformed(name) }
        do { return try JSONScanner.value(of: bytes, maxDepth: 4) } catch { throw .malformed(name) }
    }
}
