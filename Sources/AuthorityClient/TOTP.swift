import Crypto

/// Codes of RFC 6238 with SHA-1, 6 digits and 30 seconds: what an authenticator app shows.
package struct TOTP: Sendable {
    private let key: SymmetricKey

    /// Reads the shared secret in Base32 (RFC 4648 §6); padding and lower case are forgiven.
    ///
    /// - Returns: nil for other characters or fewer than 16 bytes.
    package init?(base32: String) {
        var bytes: [UInt8] = []
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        for byte in base32.utf8 where byte != UInt8(ascii: "=") {
            guard let value = Self.value(byte) else { return nil }
            buffer = buffer << 5 | value
            bits += 5
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
        }
        guard bytes.count >= 16 else { return nil }
        key = SymmetricKey(data: bytes)
    }

    /// The code of the step in which this second lies, `steps` later.
    package func code(at seconds: UInt64, steps: UInt64 = 0) -> String {
        let step = seconds / 30 + steps
        let message = (0..<8).reversed().map { UInt8(truncatingIfNeeded: step >> ($0 * 8)) }
        let mac = Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: key))
        let offset = Int((mac.last ?? 0) & 15)
        let number = mac.dropFirst(offset).prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
        let digits = String(number % 1_000_000)
        return String(repeating: "0", count: 6 - digits.utf8.count) + digits
    }

    private static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a"))
        case UInt8(ascii: "2")...UInt8(ascii: "7"): UInt32(byte - UInt8(ascii: "2")) + 26
        default: nil
        }
    }
}
