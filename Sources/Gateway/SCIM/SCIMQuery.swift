import AuthorityAPI

/// The query of an address as providers write it: `+` is a space, names may stand without a value, and what nobody knows is
/// left (RFC 7644 §3.4.2).
enum SCIMQuery {
    static let longest = 16_384

    /// - Throws: ``SCIMError``
    static func read(_ path: String) throws(SCIMError) -> [(name: String, value: String)] {
        guard let mark = path.utf8.firstIndex(of: UInt8(ascii: "?")) else { return [] }
        let text = path[path.index(after: mark)...]
        guard text.utf8.count <= longest else {
            throw .invalid(.invalidValue, "query: longer than \(longest) bytes")
        }
        var found: [(name: String, value: String)] = []
        for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = try decoded(Substring(parts[0]), spaces: true)
            guard !found.contains(where: { $0.name.lowercased() == name.lowercased() }) else {
                throw .invalid(.invalidValue, "query: a name occurs twice")
            }
            let value = try parts.dropFirst().first.map { (part) throws(SCIMError) in
                try decoded(Substring(part), spaces: true)
            }
            found.append((name, value ?? ""))
        }
        return found
    }

    /// Percent-decoded (RFC 3986 §2.1).
    static func decoded(_ text: some StringProtocol, spaces: Bool = false) throws(SCIMError) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
                else {
                    throw .invalid(.invalidValue, "address: a broken escape")
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where spaces: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .invalid(.invalidValue, "address: not UTF-8")
        }
        return text
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}

/// ETags of resources: weak, since what they say of others may change without them (RFC 7644 §3.14).
enum SCIMVersion {
    static func text(_ version: UInt64) -> String { "W/\"\(version)\"" }

    /// Whether one of the tags is that version's.
    static func isNamed(_ version: UInt64, in field: String) -> Bool {
        field.split(separator: ",").contains { tag in
            let tag = tag.filter { $0 != " " }
            return tag == "*" || tag == "\"\(version)\"" || tag == "W/\"\(version)\""
        }
    }
}
