/// A label of a host, `key=value`, set on the server only. Neither part holds `=` or `@`.
public struct Label: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let key: Name
    public let value: Name

    /// - Throws: ``NameError``.
    public init(_ text: String) throws(NameError) {
        let parts = text.utf8.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
        guard let head = parts.first, let tail = parts.last, parts.count == 2 else {
            throw .shape("a label is written key=value")
        }
        key = try Name(String(decoding: head, as: UTF8.self))
        value = try Name(String(decoding: tail, as: UTF8.self))
    }

    public var description: String { "\(key)=\(value)" }
    public static func < (a: Label, b: Label) -> Bool { a.description < b.description }
}
