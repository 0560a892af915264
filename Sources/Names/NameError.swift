/// Why a text is not a name. Names are checked on bytes: Swift's `Character` view hides CRLF and
/// combining marks, and the Kelvin sign lower-cases to `k`.
public enum NameError: Error, Hashable, Sendable {
    case empty
    /// Longer than the `limit`, in bytes.
    case tooLong(limit: Int)
    /// The byte at `offset` is not in the allow-list of this kind of name.
    case byte(UInt8, offset: Int)
    /// Every byte is allowed but their order is not, e.g. a leading dot.
    case shape(String)
}

extension NameError: CustomStringConvertible {
    /// What is wrong, as the second half of a sentence.
    public var description: String {
        switch self {
        case .empty: "is empty"
        case .tooLong(let limit): "is longer than \(limit) bytes"
        case .byte(let byte, let offset): "has the byte 0x\(String(byte, radix: 16)) at offset \(offset)"
        case .shape(let rule): "is not well formed: \(rule)"
        }
    }
}
