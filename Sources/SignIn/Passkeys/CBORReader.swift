import Authority

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
