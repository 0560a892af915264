import Crypto

/// A line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): marker, names, key, comment.
public struct KnownHostsLine: Hashable, Sendable {
    /// What a key is known as.
    public enum Marker: String, Hashable, Sendable, CaseIterable {
        /// The key of an authority whose host certificates are accepted.
        case certAuthority = "@cert-authority"
        /// A key that must never be accepted.
        case revoked = "@revoked"
    }

    /// Nil for the key of a host.
    public let marker: Marker?
    /// Names and patterns (`*.example.com`, `!bad.example.com`, `[web]:2222`), or one hashed name
    /// (`|1|salt|hash`).
    public let hosts: [String]
    /// The key.
    public let key: PublicKey
    /// What follows the key; often empty.
    public let comment: String

    /// A line made of its parts.
    ///
    /// - Throws: ``KeyError/malformed(_:)`` for names that would not be read back, and for control
    ///   characters.
    public init(
        marker: Marker? = nil, hosts: [String], key: PublicKey, comment: String = ""
    ) throws(KeyError) {
        guard !hosts.isEmpty, hosts.allSatisfy(Self.isHost), hosts.first?.utf8.first != UInt8(ascii: "#"),
            marker != nil || hosts.first?.utf8.first != UInt8(ascii: "@")
        else { throw .malformed("host names") }
        guard comment.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { throw .malformed("comment") }
        self.marker = marker
        self.hosts = hosts
        self.key = key
        self.comment = comment
    }

    /// Reads one line as ssh does.
    ///
    /// - Returns: Nil for an empty line and for a remark.
    /// - Throws: ``KeyError``
    public static func parse(_ line: String) throws(KeyError) -> KnownHostsLine? {
        var rest = try KeyLine.bytes(of: line).drop(while: KeyLine.isBlank)
        guard let first = rest.first, first != UInt8(ascii: "#") else { return nil }
        var marker: Marker?
        if first == UInt8(ascii: "@") {
            marker = try Self.marker(&rest)
            guard rest.first != UInt8(ascii: "@") else { throw .malformed("one marker") }
        }
        let names = KeyLine.word(&rest).split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        let line = try KeyLine(rest)
        return KnownHostsLine(
            marker: marker, hosts: names.map { String(decoding: $0, as: UTF8.self) },
            line: line, key: try PublicKey(line: line))
    }

    /// A line as it was read: OpenSSH takes any bytes for names, and empty ones too.
    private init(marker: Marker?, hosts: [String], line: KeyLine, key: PublicKey) {
        self.marker = marker
        self.hosts = hosts
        self.key = key
        comment = line.comment
    }

    /// Whether the line speaks for this name, given as ssh looks it up: lower case, `[name]:port` for other
    /// ports than 22.
    public func matches(_ host: String) -> Bool {
        if let only = hosts.first, hosts.count == 1, only.hasPrefix("|") {
            return Self.isHash(only, of: host)
        }
        var isMatch = false
        for pattern in hosts {
            let isNegative = pattern.utf8.first == UInt8(ascii: "!")
            let bytes = lowercased(pattern).dropFirst(isNegative ? 1 : 0)
            guard PatternList.matches(lowercased(host), Array(bytes)) else { continue }
            if isNegative { return false }
            isMatch = true
        }
        return isMatch
    }

    /// The line, without its end.
    public var text: String {
        let line = hosts.joined(separator: ",") + " " + key.text(comment: comment)
        guard let marker else { return line }
        return marker.rawValue + " " + line
    }

    /// Takes the marker off the front. As in OpenSSH it ends at the first space of the line, and only where there is
    /// none at the first tab.
    private static func marker(_ rest: inout ArraySlice<UInt8>) throws(KeyError) -> Marker {
        let end = rest.firstIndex(of: UInt8(ascii: " ")) ?? rest.firstIndex(of: UInt8(ascii: "\t"))
        guard let end, let marker = Marker(rawValue: String(decoding: rest[..<end], as: UTF8.self)) else {
            throw .malformed("marker")
        }
        rest = rest[end...].drop(while: KeyLine.isBlank)
        return marker
    }

    /// The name hashed, as `ssh-keygen -H` writes it: who reads the file does not learn where its owner logs in.
    ///
    /// - Parameters:
    ///   - host: One name as ssh looks it up; it is hashed in lower case.
    ///   - salt: 20 random bytes.
    /// - Throws: ``KeyError/badLength(_:expected:)`` for a salt of another length, ``KeyError/malformed(_:)`` for what
    ///   cannot be a name.
    public static func hashed(_ host: String, salt: [UInt8]) throws(KeyError) -> String {
        guard salt.count == 20 else { throw .badLength(salt.count, expected: 20) }
        guard isHost(host) else { throw .malformed("host name") }
        let key = SymmetricKey(data: salt)
        let hash = HMAC<Insecure.SHA1>.authenticationCode(for: lowercased(host), using: key)
        let parts = [salt, Array(hash)].map { String(decoding: Base64.encode($0), as: UTF8.self) }
        return "|1|" + parts.joined(separator: "|")
    }

    private static func isHost(_ host: String) -> Bool {
        guard (1...1024).contains(host.utf8.count) else { return false }
        return host.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: ",") }
    }

    /// `|1|salt|hash`: HMAC-SHA1 of the name under the salt.
    private static func isHash(_ text: String, of host: String) -> Bool {
        let parts = Array(text.utf8).split(separator: UInt8(ascii: "|"))
        guard parts.count == 3, parts.first?.elementsEqual([UInt8(ascii: "1")]) == true,
            let salt = try? Base64.decode(parts[1]), let hash = try? Base64.decode(parts[2])
        else { return false }
        let key = SymmetricKey(data: salt)
        return HMAC<Insecure.SHA1>.isValidAuthenticationCode(
            hash, authenticating: lowercased(host), using: key)
    }
}

extension KnownHostsLine: CustomStringConvertible {
    /// The line, without its end.
    public var description: String { text }
}

/// The bytes with A…Z made small, and only those: whole Unicode would make a `k` of the Kelvin sign.
private func lowercased(_ text: String) -> [UInt8] {
    text.utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
}
