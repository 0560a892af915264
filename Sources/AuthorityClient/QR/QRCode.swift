/// A QR code of a text: byte mode, versions 1 to 10 (ISO/IEC 18004).
package struct QRCode: Hashable, Sendable {
    /// Modules along one side, without the quiet zone.
    package let side: Int
    /// True for dark, row after row.
    package let modules: [Bool]

    /// Takes the smallest version and the mask that is read best.
    ///
    /// - Returns: nil when the text needs more than version 10: 271 bytes with low, 213 with medium correction.
    package init?(_ text: String, correction: QRCorrection = .medium) {
        let bytes = Array(text.utf8)
        guard let version = QRVersion.smallest(for: bytes.count, correction) else { return nil }
        let codewords = Self.codewords(bytes, version, correction)
        let symbols = (0..<8).map { mask in QRMatrix(version, correction, codewords, mask: mask) }
        guard let best = symbols.min(by: { $0.penalty < $1.penalty }) else { return nil }
        side = version.side
        modules = best.modules
    }

    /// Whether the module is dark; outside of the symbol all are light.
    package func isDark(row: Int, column: Int) -> Bool {
        guard (0..<side).contains(row), (0..<side).contains(column) else { return false }
        return modules[row * side + column]
    }

    /// Data and correction, interleaved as they are placed (ISO/IEC 18004 §7.4 to §7.6).
    private static func codewords(
        _ bytes: [UInt8], _ version: QRVersion, _ correction: QRCorrection
    ) -> [UInt8] {
        let data = padded(bytes, version, capacity: version.capacity(correction))
        let blocks = version.blocks(correction)
        let code = ReedSolomon(count: blocks.correction)
        let short = data.count / blocks.count
        let longer = data.count % blocks.count
        var parts: [ArraySlice<UInt8>] = []
        var rest = data[...]
        for number in 0..<blocks.count {
            let size = short + (number >= blocks.count - longer ? 1 : 0)
            parts.append(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        return interleaved(parts) + interleaved(parts.map { code.correction(of: $0)[...] })
    }

    private static func padded(_ bytes: [UInt8], _ version: QRVersion, capacity: Int) -> [UInt8] {
        var bits = BitString()
        bits.append(0b0100, count: 4)
        bits.append(UInt32(bytes.count), count: version.countBits)
        for byte in bytes { bits.append(UInt32(byte), count: 8) }
        bits.append(0, count: min(4, capacity * 8 - bits.count))
        var data = bits.bytes
        var filler: UInt8 = 0xec
        while data.count < capacity {
            data.append(filler)
            filler ^= 0xec ^ 0x11
        }
        return data
    }

    private static func interleaved(_ parts: [ArraySlice<UInt8>]) -> [UInt8] {
        let longest = parts.map(\.count).max() ?? 0
        return (0..<longest).flatMap { place in parts.compactMap { $0.dropFirst(place).first } }
    }
}

/// Bits, the highest first, packed into bytes; the last byte is filled with zeros.
private struct BitString {
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0

    mutating func append(_ value: UInt32, count bits: Int) {
        for place in (0..<bits).reversed() {
            if count.isMultiple(of: 8) { bytes.append(0) }
            let bit = UInt8(truncatingIfNeeded: value >> place & 1)
            bytes[bytes.count - 1] |= bit << (7 - count % 8)
            count += 1
        }
    }
}
