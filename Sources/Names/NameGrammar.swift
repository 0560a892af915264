/// The allow-lists of names: which bytes may stand first, which may follow, how many.
struct NameGrammar: Sendable {
    let first: @Sendable (UInt8) -> Bool
    let rest: @Sendable (UInt8) -> Bool
    let limit: Int
    /// Whether `..` and a last `.` or `-` are refused too; logins are exactly their pattern.
    let shaped: Bool

    /// Names of identities, groups and grants; parts of labels.
    static let name = NameGrammar(
        first: isLowerOrDigit, rest: { isLowerOrDigit($0) || isMark($0) }, limit: 63, shaped: true)
    /// Names of hosts: as above, as long as DNS allows (RFC 1035 §2.3.4).
    static let host = NameGrammar(
        first: isLowerOrDigit, rest: { isLowerOrDigit($0) || isMark($0) }, limit: 253, shaped: true)
    /// Logins: `[a-z_][a-z0-9._-]{0,31}`.
    static let login = NameGrammar(
        first: { isLower($0) || $0 == UInt8(ascii: "_") },
        rest: { isLowerOrDigit($0) || isMark($0) }, limit: 32, shaped: false)

    func check(_ text: String) throws(NameError) {
        let bytes = text.utf8
        guard let head = bytes.first else { throw .empty }
        guard bytes.count <= limit else { throw .tooLong(limit: limit) }
        guard first(head) else { throw .byte(head, offset: 0) }
        for (offset, byte) in bytes.enumerated() where offset > 0 {
            guard rest(byte) else { throw .byte(byte, offset: offset) }
        }
        guard shaped else { return }
        guard !text.utf8Contains("..") else { throw .shape("two dots in a row") }
        guard let last = bytes.last, last != UInt8(ascii: "."), last != UInt8(ascii: "-") else {
            throw .shape("ends with a dot or a hyphen")
        }
    }
}

private func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
private func isLowerOrDigit(_ byte: UInt8) -> Bool {
    isLower(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}
private func isMark(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
}

extension String {
    /// Whether the bytes of `other` stand in the bytes of this text, one after the other.
    func utf8Contains(_ other: StaticString) -> Bool {
        let wanted = Array(String(describing: other).utf8)
        let bytes = Array(utf8)
        guard wanted.count <= bytes.count else { return false }
        return (0...(bytes.count - wanted.count)).contains { bytes[$0...].starts(with: wanted) }
    }
}
