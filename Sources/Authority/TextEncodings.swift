/// RFC 4648 §5, without padding.
package enum Base64URL {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    package static func text(_ bytes: [UInt8]) -> String { digits(of: bytes, alphabet, bits: 6) }
}

/// RFC 4648 §6, without padding: how TOTP secrets are typed.
enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    static func text(_ bytes: [UInt8]) -> String { digits(of: bytes, alphabet, bits: 5) }
}

/// Takes `bits` at a time, the highest first; the last digit is filled up with zeros.
private func digits(of bytes: [UInt8], _ alphabet: [UInt8], bits: UInt32) -> String {
    var out: [UInt8] = []
    var buffer: UInt32 = 0
    var held: UInt32 = 0
    for byte in bytes {
        buffer = buffer << 8 | UInt32(byte)
        held += 8
        while held >= bits {
            held -= bits
            out.append(alphabet[Int(buffer >> held & ((1 << bits) - 1))])
        }
    }
    if held > 0 { out.append(alphabet[Int(buffer << (bits - held) & ((1 << bits) - 1))]) }
    return String(decoding: out, as: UTF8.self)
}

/// Lower-case hexadecimal.
enum Hexadecimal {
    private static let alphabet = Array("0123456789abcdef".utf8)

    static func text(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(alphabet[Int(byte >> 4)])
            text.append(alphabet[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// nil unless `text` is an even number of lower-case hexadecimal digits.
    static func bytes(_ text: String) -> [UInt8]? {
        var out: [UInt8] = []
        var high: UInt8?
        for digit in text.utf8 {
            guard let value = alphabet.firstIndex(of: digit).map({ UInt8($0) }) else { return nil }
            if let first = high {
                out.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? out : nil
    }
}
