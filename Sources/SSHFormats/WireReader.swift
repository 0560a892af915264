/// Reads the data types of RFC 4251 §5 from bytes, in order, without copying them.
///
/// Every length is checked against what is left before anything is done with it. After an error the reader
/// stands where it stood.
public struct WireReader: Sendable {
    /// The longest string accepted where nothing shorter is asked for, in bytes.
    public static let defaultLimit = 262_144

    private let bytes: ArraySlice<UInt8>
    private var position: Int

    /// A reader at the first of these bytes.
    public init(_ bytes: [UInt8]) {
        self.init(bytes[...])
    }

    /// A reader at the first of these bytes; the slice is shared, not copied.
    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// How many bytes have not been read yet.
    public var left: Int { bytes.endIndex - position }

    /// Whether all has been read.
    public var isAtEnd: Bool { position == bytes.endIndex }

    /// The bytes that have not been read yet.
    public var remaining: ArraySlice<UInt8> { bytes[position...] }

    /// The bytes read so far.
    public var consumed: ArraySlice<UInt8> { bytes[..<position] }

    /// Reads a `byte`.
    ///
    /// - Throws: ``WireError/truncated(wanted:left:)``
    public mutating func byte() throws(WireError) -> UInt8 {
        guard left >= 1 else { throw .truncated(wanted: 1, left: 0) }
        defer { position += 1 }
        return bytes[position]
    }

    /// Reads a `uint32`, big-endian.
    ///
    /// - Throws: ``WireError/truncated(wanted:left:)``
    public mutating func uint32() throws(WireError) -> UInt32 {
        guard left >= 4 else { throw .truncated(wanted: 4, left: left) }
        defer { position += 4 }
        return bytes[position..<position + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Reads a `uint64`, big-endian.
    ///
    /// - Throws: ``WireError/truncated(wanted:left:)``
    public mutating func uint64() throws(WireError) -> UInt64 {
        guard left >= 8 else { throw .truncated(wanted: 8, left: left) }
        defer { position += 8 }
        return bytes[position..<position + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Reads this many bytes without a length before them.
    ///
    /// - Throws: ``WireError/truncated(wanted:left:)``
    public mutating func raw(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= left else { throw .truncated(wanted: count, left: left) }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// Reads a `string`: uint32 length, then that many bytes.
    ///
    /// - Parameter limit: Longest length accepted, in bytes.
    /// - Returns: A view into the input; nothing is copied.
    /// - Throws: ``WireError/truncated(wanted:left:)``, ``WireError/tooLong(_:limit:)``
    public mutating func string(limit: Int = defaultLimit) throws(WireError) -> ArraySlice<UInt8> {
        guard left >= 4 else { throw .truncated(wanted: 4, left: left) }
        let start = position + 4
        let length = bytes[position..<start].reduce(0) { $0 << 8 | Int($1) }
        guard length <= limit else { throw .tooLong(length, limit: limit) }
        guard length <= left - 4 else { throw .truncated(wanted: length, left: left - 4) }
        position = start + length
        return bytes[start..<position]
    }

    /// Reads a `string` that is text: UTF-8 without NUL.
    ///
    /// - Parameter limit: Longest length accepted, in bytes.
    /// - Throws: as ``string(limit:)``, and ``WireError/notUTF8``
    public mutating func text(limit: Int = defaultLimit) throws(WireError) -> String {
        let before = position
        let content = try string(limit: limit)
        guard !content.contains(0), let text = String(validating: content, as: UTF8.self) else {
            position = before
            throw .notUTF8
        }
        return text
    }

    /// Reads an `mpint` that is not negative.
    ///
    /// - Parameter limit: Longest magnitude accepted, in bytes.
    /// - Returns: The magnitude, big-endian, without leading zeros; empty for 0.
    /// - Throws: as ``string(limit:)``, and ``WireError/notCanonical(_:)`` for a negative number or a
    ///   needless zero byte.
    public mutating func mpint(limit: Int) throws(WireError) -> ArraySlice<UInt8> {
        let before = position
        let content = try string(limit: limit < .max ? limit + 1 : limit)
        guard let magnitude = Self.magnitude(content) else {
            position = before
            throw .notCanonical("mpint")
        }
        guard magnitude.count <= limit else {
            position = before
            throw .tooLong(magnitude.count, limit: limit)
        }
        return magnitude
    }

    /// Says that the value is over.
    ///
    /// - Throws: ``WireError/trailing(_:)`` if bytes are left.
    public func end() throws(WireError) {
        guard isAtEnd else { throw .trailing(left) }
    }

    private static func magnitude(_ content: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let first = content.first else { return content }
        guard first < 0x80 else { return nil }
        guard first == 0 else { return content }
        let magnitude = content.dropFirst()
        guard let second = magnitude.first, second >= 0x80 else { return nil }
        return magnitude
    }
}
