/// Base64 by RFC 4648 §4, strict: no white space, no line breaks, unused bits zero.
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xff, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()

    /// The text for these bytes, as ASCII, padded with `=`.
    static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var text = encodeUnpadded(bytes)
        while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
        return text
    }

    /// The text for these bytes, as ASCII, without padding.
    static func encodeUnpadded(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let letters = alphabet
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var pool: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            pool = pool << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(letters[Int(pool >> bits & 0x3f)])
            }
        }
        if bits > 0 { text.append(letters[Int(pool << (6 - bits) & 0x3f)]) }
        return text
    }

    /// The bytes of a padded text.
    ///
    /// - Throws: ``WireError/notBase64`` for anything but the one canonical text of those bytes.
    static func decode(_ text: ArraySlice<UInt8>) throws(WireError) -> [UInt8] {
        guard text.count % 4 == 0 else { throw .notBase64 }
        let padding = text.suffix(2).count { $0 == UInt8(ascii: "=") }
        return try decodeUnpadded(text.dropLast(padding))
    }

    /// The bytes of a text without padding.
    ///
    /// - Throws: ``WireError/notBase64`` for anything but the one canonical text of those bytes.
    static func decodeUnpadded(_ text: ArraySlice<UInt8>) throws(WireError) -> [UInt8] {
        guard text.count % 4 != 1 else { throw .notBase64 }
        let values = values
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 2)
        var pool: UInt32 = 0
        var bits: UInt32 = 0
        for letter in text {
            let value = values[Int(letter)]
            guard value < 64 else { throw .notBase64 }
            pool = pool << 6 | UInt32(value)
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: pool >> bits))
        }
        guard pool & (1 << bits - 1) == 0 else { throw .notBase64 }
        return bytes
    }
}
