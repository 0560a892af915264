/// A line of an authorized_keys file (sshd(8), AUTHORIZED_KEYS FILE FORMAT): options, key, comment.
public struct AuthorizedKeysLine: Hashable, Sendable {
    /// The options as they stand there, quotes and all: `restrict`, `command="echo \"hi\""`.
    public let options: [String]
    /// The key.
    public let key: PublicKey
    /// What follows the key; often empty.
    public let comment: String

    /// A line made of its parts.
    ///
    /// - Throws: ``KeyError/malformed(_:)`` for an option that would not be read back as one, and for control
    ///   characters.
    public init(options: [String] = [], key: PublicKey, comment: String = "") throws(KeyError) {
        for option in options {
            let bytes = Array(option.utf8)
            guard let parts = Self.split(bytes[...]), parts.count == 1,
                bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }),
                OptionScanner.length(bytes[...]) == bytes.count
            else { throw .malformed("option") }
        }
        guard comment.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { throw .malformed("comment") }
        self.options = options
        self.key = key
        self.comment = comment
    }

    /// Reads one line as sshd does. What the options mean is for ``settings(utcOffset:)`` to say.
    ///
    /// - Returns: Nil for an empty line and for a remark.
    /// - Throws: ``KeyError``
    public static func parse(_ line: String) throws(KeyError) -> AuthorizedKeysLine? {
        let rest = try KeyLine.bytes(of: line).drop(while: KeyLine.isBlank)
        guard let first = rest.first, first != UInt8(ascii: "#") else { return nil }
        var after = rest
        let word = String(decoding: KeyLine.word(&after), as: UTF8.self)
        if KeyType(name: word) != nil || KeyType(certificateName: word) != nil {
            return try AuthorizedKeysLine(options: [], line: try KeyLine(rest))
        }
        // A type that is not known here; in a quotation, such a word is a part of an option.
        if !word.utf8.contains(UInt8(ascii: "\"")), KeyLine.word(&after).starts(with: Array("AAAA".utf8)) {
            return try AuthorizedKeysLine(options: [], line: try KeyLine(rest))
        }
        guard let length = OptionScanner.length(rest), let options = Self.split(rest.prefix(length))
        else { throw .malformed("options") }
        return try AuthorizedKeysLine(options: options, line: try KeyLine(rest.dropFirst(length)))
    }

    private init(options: [String], line: KeyLine) throws(KeyError) {
        self.options = options
        key = try PublicKey(line: line)
        comment = line.comment
    }

    /// Whether certificates signed by this key are accepted, rather than the key itself.
    public var isCertAuthority: Bool { options.contains { $0.lowercased() == "cert-authority" } }

    /// The line, without its end.
    public var text: String {
        let line = key.text(comment: comment)
        return options.isEmpty ? line : options.joined(separator: ",") + " " + line
    }
}

extension AuthorizedKeysLine: CustomStringConvertible {
    /// The line, without its end.
    public var description: String { text }
}

extension AuthorizedKeysLine {
    /// The options one by one, without empty ones. Nil if one is not UTF-8.
    private static func split(_ bytes: ArraySlice<UInt8>) -> [String]? {
        var scanner = QuoteScanner()
        let parts = bytes.split {
            scanner.isOutside(before: $0) && $0 == UInt8(ascii: ",")
        }
        let options = parts.compactMap { String(validating: $0, as: UTF8.self) }
        guard options.count == parts.count else { return nil }
        return options
    }
}
