/// Names one request in the answer, the log and the ledger: 128 random bits, always ours.
enum RequestID {
    static func new() -> String {
        var generator = SystemRandomNumberGenerator()
        return Hexadecimal.text(UInt64.random(in: .min ... .max, using: &generator))
            + Hexadecimal.text(UInt64.random(in: .min ... .max, using: &generator))
    }
}

/// Lower-case hexadecimal.
enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(_ number: UInt64) -> String {
        text((0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) })
    }

    static func text(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
