/// Base64 with padding (RFC 4648 §4), strict: no line breaks, no missing padding, unused bits are zero.
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(character(buffer >> bits & 63))
            }
        }
        if bits > 0 { text.append(character(buffer << (6 - bits) & 63)) }
        while !text.count.isMultiple(of: 4) { text.append(padding) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil unless `text` is exactly what ``encode(_:)`` makes of some bytes.
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        let data = text.suffix(2).prefix { $0 != padding }.count
        let digits = text.dropLast(text.count < 2 ? 0 : 2 - data)
        guard data == 2 || text.last == padding else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 4 * 3 + 3)
        // A constant here saves one look per digit at whether the table has been made.
        let values = Self.values
        var buffer: UInt32 = 0
        var count = 0
        for digit in digits {
            let value = values[Int(digit)]
            guard value < 64 else { return nil }
            buffer = buffer << 6 | UInt32(value)
            count += 1
            guard count == 4 else { continue }
            bytes.append(UInt8(truncatingIfNeeded: buffer >> 16))
            bytes.append(UInt8(truncatingIfNeeded: buffer >> 8))
            bytes.append(UInt8(truncatingIfNeeded: buffer))
            count = 0
        }
        return finish(buffer, count, &bytes) ? bytes : nil
    }

    /// Takes the one or two bytes of a last group that was padded; its unused bits must be zero.
    private static func finish(_ buffer: UInt32, _ count: Int, _ bytes: inout [UInt8]) -> Bool {
        switch count {
        case 0: return true
        case 2:
            bytes.append(UInt8(truncatingIfNeeded: buffer >> 4))
            return buffer & 0x0f == 0
        case 3:
            bytes.append(UInt8(truncatingIfNeeded: buffer >> 10))
            bytes.append(UInt8(truncatingIfNeeded: buffer >> 2))
            return buffer & 0x03 == 0
        default: return false
        }
    }

    private static let padding = UInt8(ascii: "=")
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Value of each of the 256 bytes; 255 for those outside the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    private static func character(_ value: UInt32) -> UInt8 { alphabet[Int(value)] }
}
