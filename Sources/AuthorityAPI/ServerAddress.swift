/// Where an authority answers: `https://HOST:PORT`, without path. There is no plain HTTP.
public struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name, an IPv4 address, or an IPv6 address without its brackets.
    public let host: String
    public let port: Int

    private static let scheme = "https://"
    private static let usualPort = 443

    /// Reads `https://HOST[:PORT]` or `https://[ADDRESS][:PORT]` in lower case; one slash may follow.
    ///
    /// - Throws: ``AddressError/notAnAddress``.
    public init(_ text: String) throws(AddressError) {
        guard text.utf8.count <= 512, text.hasPrefix(Self.scheme) else { throw .notAnAddress }
        let rest = text.dropFirst(Self.scheme.utf8.count)
        let authority = rest.hasSuffix("/") ? rest.dropLast() : rest
        guard authority.utf8.allSatisfy(Self.isAllowed) else { throw .notAnAddress }
        let (host, port) = try Self.split(authority)
        self.host = host
        self.port = try port.map { text throws(AddressError) in try Self.port(text) } ?? Self.usualPort
    }

    /// Whether the host is a numeric address, which TLS compares with other names than DNS names.
    public var isNumeric: Bool {
        host.utf8.contains(UInt8(ascii: ":")) || host.utf8.allSatisfy(Self.isIPv4Byte)
    }

    /// As it is read; the usual port is left out, as it is in the Host field of requests.
    public var description: String {
        let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return Self.scheme + name + (port == Self.usualPort ? "" : ":\(port)")
    }

    private static func split(_ text: Substring) throws(AddressError) -> (String, Substring?) {
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            let tail = text[text.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { throw .notAnAddress }
            let address = text[..<end].dropFirst()
            guard !address.isEmpty, !address.contains("[") else { throw .notAnAddress }
            return (String(address), tail.isEmpty ? nil : tail.dropFirst())
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let host = parts.first, !host.isEmpty, parts.count <= 2, !text.contains("["),
            !text.contains("]")
        else { throw .notAnAddress }
        return (String(host), parts.dropFirst().first)
    }

    private static func port(_ text: Substring) throws(AddressError) -> Int {
        guard text.utf8.count <= 5, let port = Int(text), (1...65_535).contains(port) else {
            throw .notAnAddress
        }
        return port
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
            true
        default: false
        }
    }

    private static func isIPv4Byte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// Why a text is not the address of an authority, or not a link to one.
public enum AddressError: Error, Hashable, Sendable {
    /// Not `https://HOST:PORT` in lower case.
    case notAnAddress
    /// Not `https://HOST:PORT/enrol#TOKEN~PIN`; the text of the link is kept out of the error.
    case notALink
}

extension AddressError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAnAddress: "not an address https://HOST:PORT in lower case"
        case .notALink: "not a link https://HOST:PORT/enrol#TOKEN~PIN"
        }
    }
}
