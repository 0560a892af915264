package import SSHFormats

/// One message on the signer's socket: `uint32 length, byte type, uint32 request id, payload`.
///
/// The length counts everything behind itself. Several frames may stand in one packet or one in several.
package struct Frame: Hashable, Sendable {
    /// Longest length field accepted; the largest certificate to be signed fits.
    package static let limit = 270_336
    /// Bytes before the payload, with the length itself.
    package static let headerCount = 9

    package let type: UInt8
    /// Chosen by the client, repeated in the reply.
    package let id: UInt32
    package let payload: [UInt8]

    package init(type: UInt8, id: UInt32, payload: [UInt8]) {
        self.type = type
        self.id = id
        self.payload = payload
    }

    /// Appends the frame as sent.
    package func write(to writer: inout WireWriter) {
        writer.uint32(UInt32(clamping: payload.count + Self.headerCount - 4))
        writer.byte(type)
        writer.uint32(id)
        writer.raw(payload)
    }
}

/// Why the bytes on a connection are not frames; the connection cannot go on then.
package enum FrameError: Error, Hashable, Sendable {
    /// A length below 5 or above ``Frame/limit``.
    case badLength(Int)
}

/// Cuts a stream of bytes into frames.
package struct FrameDecoder: Sendable {
    private var bytes: [UInt8] = []
    private var position = 0

    package init() {}

    /// Takes what arrived.
    package mutating func append(_ more: some Collection<UInt8>) {
        if position > 0 {
            bytes.removeFirst(position)
            position = 0
        }
        bytes.append(contentsOf: more)
    }

    /// The next whole frame, or nil until more arrives.
    ///
    /// - Throws: ``FrameError/badLength(_:)``, before anything of that length is waited for.
    package mutating func next() throws(FrameError) -> Frame? {
        var reader = WireReader(bytes[position...])
        guard let length = try? reader.uint32() else { return nil }
        guard (Frame.headerCount - 4...Frame.limit).contains(Int(length)) else {
            throw .badLength(Int(length))
        }
        guard reader.left >= Int(length), let type = try? reader.byte(), let id = try? reader.uint32(),
            let payload = try? reader.raw(Int(length) - 5)
        else { return nil }
        position += Int(length) + 4
        return Frame(type: type, id: id, payload: Array(payload))
    }
}
