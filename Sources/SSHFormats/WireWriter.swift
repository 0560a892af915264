/// Writes the data types of RFC 4251 §5.
public struct WireWriter: Sendable {
    /// What has been written so far.
    public private(set) var bytes: [UInt8]

    /// An empty writer with room for this many bytes.
    public init(capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Writes a `byte`.
    public mutating func byte(_ value: UInt8) {
        bytes.append(value)
    }

    /// Writes a `uint32`, big-endian.
    public mutating func uint32(_ value: UInt32) {
        for shift in stride(from: 24, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift)))
        }
    }

    /// Writes a `uint64`, big-endian.
    public mutating func uint64(_ value: UInt64) {
        uint32(UInt32(truncatingIfNeeded: value >> 32))
        uint32(UInt32(truncatingIfNeeded: value))
    }

    /// Writes bytes as they are, without a length.
    public mutating func raw(_ content: some Collection<UInt8>) {
        bytes.append(contentsOf: content)
    }

    /// Writes a `string` of bytes. They must be fewer than 2^32.
    public mutating func string(_ content: some Collection<UInt8>) {
        uint32(UInt32(clamping: content.count))
        bytes.append(contentsOf: content)
    }

    /// Writes a `string` that is text.
    public mutating func string(_ text: String) {
        string(text.utf8)
    }

    /// Writes a `string` whose content is written by `body`; nothing is copied.
    public mutating func string<Failure>(
        _ body: (inout WireWriter) throws(Failure) -> Void
    ) throws(Failure) {
        let start = bytes.count
        uint32(0)
        try body(&self)
        let length = UInt32(clamping: bytes.count - start - 4)
        for (offset, shift) in [24, 16, 8, 0].enumerated() {
            bytes[start + offset] = UInt8(truncatingIfNeeded: length >> UInt32(shift))
        }
    }

    /// Writes an `mpint` that is not negative.
    ///
    /// - Parameter magnitude: Big-endian; leading zeros are dropped.
    public mutating func mpint(_ magnitude: some Collection<UInt8>) {
        let digits = magnitude.drop { $0 == 0 }
        let pads = (digits.first ?? 0) >= 0x80
        uint32(UInt32(clamping: digits.count + (pads ? 1 : 0)))
        if pads { bytes.append(0) }
        bytes.append(contentsOf: digits)
    }
}
