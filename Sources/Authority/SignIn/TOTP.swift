import Crypto
import Names
import SSHFormats

/// Time-based one-time passwords (RFC 6238): SHA-1, six digits, 30 s, one step of tolerance each way.
package enum TOTP {
    package static let secretLength = 20
    static let stepSeconds: UInt64 = 30

    /// The step that `code` belongs to, if it is one of the three around `now`. All three are always computed.
    static func step(of code: String, secret: [UInt8], at now: UnixTime) -> UInt64? {
        let present = now.seconds / stepSeconds
        let offered = Array(code.utf8)
        var found: UInt64?
        for step in [present &- 1, present, present &+ 1] {
            let expected = Array(self.code(secret: secret, step: step).utf8)
            if constantTimeEquals(expected, offered) { found = step }
        }
        return found
    }

    /// RFC 4226 §5.3 on the step's counter.
    package static func code(secret: [UInt8], step: UInt64) -> String {
        let counter = (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - 8 * UInt64($0))) }
        let mac = Array(
            HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret)))
        let offset = Int(mac.last.map { $0 & 15 } ?? 0)
        let word = mac.dropFirst(offset).prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let digits = String(word % 1_000_000)
        return String(repeating: "0", count: 6 - digits.utf8.count) + digits
    }
}
