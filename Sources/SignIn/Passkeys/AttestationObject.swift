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

/// As much of CBOR (RFC 8949) as stands in an attestation object, in its shortest form (CTAP 2 §8).
struct CBORReader: Sendable {
    enum Kind: UInt8, Sendable {
        case bytes = 2
        case text = 3
        case map = 5
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    /// The length, or the number of entries, of what begins here.
    mutating func head(of kind: Kind) throws(PasskeyFault) -> UInt64 {
        guard let first = rest.popFirst(), first >> 5 == kind.rawValue else { throw .malformed }
        let small = first & 0x1f
        guard small >= 24 else { return UInt64(small) }
        guard small <= 26 else { throw .malformed }
        let width = 1 << Int(small - 24)
        guard rest.count >= width else { throw .malformed }
        let value = rest.prefix(width).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        rest = rest.dropFirst(width)
        guard value >= (width == 1 ? 24 : width == 2 ? 0x100 : 0x1_0000) else { throw .malformed }
        return value
    }

    mutating func bytes() throws(PasskeyFault) -> [UInt8] { try content(of: .bytes) }

    mutating func text() throws(PasskeyFault) -> String {
        guard let text = String(validating: try content(of: .text), as: UTF8.self) else { throw .malformed }
        return text
    }

    private mutating func content(of kind: Kind) throws(PasskeyFault) -> [UInt8] {
        let length = try head(of: kind)
        guard length <= rest.count else { throw .malformed }
        defer { rest = rest.dropFirst(Int(length)) }
        return Array(rest.prefix(Int(length)))
    }
}
