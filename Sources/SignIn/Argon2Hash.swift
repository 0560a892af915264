/// A password hash in PHC form, `$argon2id$v=19$m=65536,t=3,p=1$salt$hash`.
struct Argon2Hash: Hashable, Sendable {
    let text: String
    let cost: Argon2Cost

    /// Longest text that is read, in bytes.
    static let limit = 256

    /// Nil for any other form, kind or version, and for a cost that is not bearable.
    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.limit, parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id",
            parts[2] == "v=19", let cost = Self.cost(parts[3]), cost.isBearable
        else { return nil }
        self.text = text
        self.cost = cost
    }

    /// A hash of no known password: `salt` and `tag` are random.
    init(dummy cost: Argon2Cost, salt: [UInt8], tag: [UInt8]) {
        let letters = "\(Self.base64(salt))$\(Self.base64(tag))"
        text = "$argon2id$v=19$m=\(cost.memory),t=\(cost.passes),p=\(cost.lanes)$\(letters)"
        self.cost = cost
    }

    /// `m=65536,t=3,p=1`, in this order.
    private static func cost(_ text: Substring) -> Argon2Cost? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 3, let memory = number(parts[0], "m="), let passes = number(parts[1], "t="),
            let lanes = number(parts[2], "p=")
        else { return nil }
        return Argon2Cost(memory: memory, passes: passes, lanes: lanes)
    }

    private static func number(_ text: Substring, _ name: String) -> UInt32? {
        guard text.hasPrefix(name) else { return nil }
        let digits = text.dropFirst(name.count)
        guard let number = UInt32(digits), String(number) == digits else { return nil }
        return number
    }

    /// Base64 without padding (RFC 4648 §4).
    private static func base64(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0...group.count {
                text.append(letters[Int(bits >> UInt32(18 - 6 * place)) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
