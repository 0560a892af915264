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
