/// One JSON text and nothing else: RFC 8259 without the freedoms that let two readers see two things.
///
/// Refused beyond the grammar: a byte order mark, keys that occur twice in an object (after unescaping, and if they only
/// differ in Unicode's normal form), lone surrogates, numbers beyond a Double, and nesting deeper than asked.
public struct StrictJSON: Sendable {
    /// The deepest nesting that any caller can ask for: each level is a call.
    public static let deepest = 128

    /// Checks a whole text in one pass.
    ///
    /// - Parameter maxDepth: How many arrays and objects may stand inside one another; at most ``deepest`` counts.
    /// - Throws: ``StrictJSONError`` with the offset of the first fault.
    public static func check(_ bytes: [UInt8], maxDepth: Int = 32) throws(StrictJSONError) {
        _ = try JSONScanner.value(of: bytes, maxDepth: maxDepth)
    }
}
