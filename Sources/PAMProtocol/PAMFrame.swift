import SSHFormats

/// One message between the server and a worker: `uint32 length, byte type, payload`.
///
/// The length counts everything behind itself.
package struct PAMFrame: Hashable, Sendable {
    /// Longest length field accepted: all prompts of one round fit.
    package static let limit = 65_536

    package let type: UInt8
    package let payload: [UInt8]

    package init(type: UInt8, payload: [UInt8]) {
        self.type = type
        self.payload = payload
    }

    /// The frame as sent.
    package var bytes: [UInt8] {
        var writer = WireWriter(capacity: payload.count + 5)
        writer.uint32(UInt32(clamping: payload.count + 1))
        writer.byte(type)
        writer.raw(payload)
        return writer.bytes
    }
}

/// Cuts a stream of bytes into frames.
package struct PAMFrameDecoder: Sendable {
    private var bytes: [UInt8] = []

    package init() {}

    package mutating func append(_ more: some Collection<UInt8>) { bytes.append(contentsOf: more) }

    /// The next whole frame, or nil until more arrives.
    ///
    /// - Throws: ``PAMFault/malformed(_:)`` for a length of 0 or above ``PAMFrame/limit``, before anything of
    ///   that length is waited for.
    package mutating func next() throws(PAMFault) -> PAMFrame? {
        var reader = WireReader(bytes)
        guard let length = try? reader.uint32() else { return nil }
        guard (1...PAMFrame.limit).contains(Int(length)) else {
            throw .malformed("a frame of \(length) bytes")
        }
        guard reader.left >= Int(length), let type = try? reader.byte(),
            let payload = try? reader.raw(Int(length) - 1)
        else { return nil }
        bytes.removeFirst(Int(length) + 4)
        return PAMFrame(type: type, payload: Array(payload))
    }
}
