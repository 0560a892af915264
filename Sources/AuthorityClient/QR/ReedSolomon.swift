/// Correction bytes over GF(2^8) with the polynomial x^8 + x^4 + x^3 + x^2 + 1 (ISO/IEC 18004 §7.5.2).
struct ReedSolomon: Sendable {
    /// Coefficients of the generator polynomial, highest power first, without the leading 1.
    private let generator: [UInt8]

    /// - Parameter count: How many correction bytes to make.
    init(count: Int) {
        var coefficients = [UInt8](repeating: 0, count: count)
        if count > 0 { coefficients[count - 1] = 1 }
        var root: UInt8 = 1
        for _ in 0..<count {
            for place in coefficients.indices {
                let next = place + 1 < count ? coefficients[place + 1] : 0
                coefficients[place] = Self.product(coefficients[place], root) ^ next
            }
            root = Self.product(root, 2)
        }
        generator = coefficients
    }

    /// The remainder of data · x^count divided by the generator.
    func correction(of data: some Sequence<UInt8>) -> [UInt8] {
        var remainder = [UInt8](repeating: 0, count: generator.count)
        for byte in data {
            let factor = byte ^ (remainder.first ?? 0)
            remainder = Array(remainder.dropFirst()) + [0]
            for place in remainder.indices { remainder[place] ^= Self.product(generator[place], factor) }
        }
        return remainder
    }

    private static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
        var result: UInt16 = 0
        for bit in (0..<8).reversed() {
            result = result << 1 ^ (result >> 7) * 0x11d
            if right >> bit & 1 == 1 { result ^= UInt16(left) }
        }
        return UInt8(truncatingIfNeeded: result)
    }
}
