import Authority

/// What a new credential comes in (W3C Web Authentication §6.5.4): a map of `fmt`, `attStmt` and `authData` in CBOR.
struct AttestationObject: Sendable {
    /// Bytes that are looked at.
    static let longest = 8_192

    let authenticatorData: [UInt8]

    /// Takes `none` alone, which is what is asked for: what a maker says of a key counts for nothing here.
    init(_ bytes: [UInt8]) throws(PasskeyFault) {
        guard bytes.count <= Self.longest else { throw .malformed }
        var reader = CBORReader(bytes)
        var format: String?
        var data: [UInt8]?
        var statement: UInt64?
        guard try reader.head(of: .map) == 3 else { throw .malformed }
        for _ in 0..<3 {
            switch try reader.text() {
            case "fmt" where format == nil: format = try reader.text()
            case "authData" where data == nil: data = try reader.bytes()
            case "attStmt" where statement == nil:
                let entries = try reader.head(of: .map)
                // Of a statement that is not empty nothing is read: it is of a format that is not taken.
                guard entries == 0 else { throw .attestationNotTaken }
                statement = entries
            default: throw .malformed
            }
        }
        guard reader.isAtEnd, let format, let data, statement != nil else { throw .malformed }
        guard format == "none" else { throw .attestationNotTaken }
        authenticatorData = data
    }
}
