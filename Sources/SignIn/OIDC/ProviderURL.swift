/// Where a provider is asked: `https`, or `http` to this very machine. No user, no fragment, printable ASCII.
package struct ProviderURL: Hashable, Sendable {
    package static let longest = 2_048

    package let text: String
    /// Whether it leaves this machine unencrypted if at all: `http`, and then to loopback only.
    package let isLoopback: Bool

    package init(_ text: String) throws(ProviderFault) {
        guard text.utf8.count <= Self.longest, text.utf8.allSatisfy(Self.mayStand) else {
            throw .untrusted(reason: "a URL with bytes that may not stand in one")
        }
        let isPlain = text.hasPrefix("http://")
        guard isPlain || text.hasPrefix("https://") else {
            throw .untrusted(reason: "a URL that is not https")
        }
        let authority = text.dropFirst(isPlain ? 7 : 8).prefix { $0 != "/" && $0 != "?" }
        guard let host = Self.host(of: authority) else {
            throw .untrusted(reason: "a URL without a proper host")
        }
        guard !isPlain || ["127.0.0.1", "[::1]", "localhost"].contains(host) else {
            throw .untrusted(reason: "an http URL to another machine")
        }
        self.text = text
        isLoopback = isPlain
    }

    /// The same place with another path below it; a slash at its end does not count.
    func appending(_ path: String) throws(ProviderFault) -> ProviderURL {
        try ProviderURL((text.hasSuffix("/") ? String(text.dropLast()) : text) + path)
    }

    /// The same with parameters, each name and value escaped.
    func with(_ parameters: [(name: String, value: String)]) -> String {
        text + (text.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + FormText.text(parameters)
    }

    private static let banned = Set("\"#<>\\^`{|}".utf8)

    private static func mayStand(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && !Self.banned.contains(byte)
    }

    private static func host(of authority: Substring) -> String? {
        guard !authority.utf8.contains(UInt8(ascii: "@")) else { return nil }
        var host = authority
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].utf8.contains(UInt8(ascii: "]")) {
            let port = authority[authority.index(after: colon)...]
            guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy({ (48...57).contains($0) }),
                let number = UInt16(port), number > 0
            else { return nil }
            host = authority[..<colon]
        }
        let isV6 = host.hasPrefix("[") && host.hasSuffix("]")
        let name = isV6 ? host.dropFirst().dropLast() : host
        let isGood = name.utf8.allSatisfy { byte in
            isV6
                ? (48...57).contains(byte) || (97...102).contains(byte | 0x20) || byte == 58 || byte == 46
                : (48...57).contains(byte) || (97...122).contains(byte | 0x20) || byte == 45 || byte == 46
        }
        return isGood && !name.isEmpty ? String(host) : nil
    }
}

/// `application/x-www-form-urlencoded`, every byte but the unreserved (RFC 3986 §2.3) as `%XX`.
enum FormText {
    static func text(_ parameters: [(name: String, value: String)]) -> String {
        parameters.map { "\(escaped($0.name))=\(escaped($0.value))" }.joined(separator: "&")
    }

    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                out.append(byte)
            default: out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
