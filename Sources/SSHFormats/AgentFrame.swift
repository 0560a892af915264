/// A message as it travels to and from an agent: uint32 length, then type and contents
/// (RFC 9987 §3).
public enum AgentFrame {
    /// The longest body that is sent or read: 256 KiB, as OpenSSH has it.
    public static let limit = 262_144

    enum Code {
        static let failure: UInt8 = 5
        static let success: UInt8 = 6
        static let requestIdentities: UInt8 = 11
        static let identitiesAnswer: UInt8 = 12
        static let signRequest: UInt8 = 13
        static let signResponse: UInt8 = 14
        static let addIdentity: UInt8 = 17
        static let removeIdentity: UInt8 = 18
        static let removeAllIdentities: UInt8 = 19
        static let lock: UInt8 = 22
        static let unlock: UInt8 = 23
        static let addConstrained: UInt8 = 25
        static let `extension`: UInt8 = 27
        static let extensionFailure: UInt8 = 28
        static let extensionResponse: UInt8 = 29
    }

    /// How many bytes follow these four.
    ///
    /// - Throws: ``WireError/truncated(wanted:left:)``, ``WireError/tooLong(_:limit:)``;
    ///   ``WireError/unexpected(_:)`` for an empty body.
    public static func bodyLength(_ header: some Collection<UInt8>) throws(WireError) -> Int {
        var reader = WireReader(Array(header.prefix(4)))
        let length = Int(try reader.uint32())
        guard length > 0 else { throw .unexpected("empty message") }
        guard length <= limit else { throw .tooLong(length, limit: limit) }
        return length
    }

    /// A whole message: length, type, and what `body` writes.
    static func message(_ code: UInt8, _ body: (inout WireWriter) -> Void = { _ in }) -> [UInt8] {
        var writer = WireWriter(capacity: 512)
        writer.string { writer in
            writer.byte(code)
            body(&writer)
        }
        return writer.bytes
    }

    /// The type and a reader for the contents of a whole message.
    static func open(
        _ message: some Collection<UInt8>
    ) throws(WireError) -> (code: UInt8, contents: WireReader) {
        var reader = WireReader(Array(message))
        let body = try reader.string(limit: limit)
        try reader.end()
        var contents = WireReader(body)
        guard !contents.isAtEnd else { throw .unexpected("empty message") }
        return (try contents.byte(), contents)
    }
}
