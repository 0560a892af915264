/// Why bytes do not follow the data types of RFC 4251 §5.
public enum WireError: Error, Hashable, Sendable {
    /// Fewer bytes are left than the field needs.
    case truncated(wanted: Int, left: Int)
    /// The field says it is longer than it may be here, in bytes.
    case tooLong(Int, limit: Int)
    /// So many bytes follow where the value must end.
    case trailing(Int)
    /// The value has a shorter or another form that alone is allowed; the text names the field.
    case notCanonical(String)
    /// A text is not UTF-8, or holds a NUL.
    case notUTF8
    /// Base64 that is not canonical RFC 4648 §4.
    case notBase64
    /// Something else stands where the named thing must.
    case unexpected(String)
}
