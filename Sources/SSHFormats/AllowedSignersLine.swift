/// A line of an allowed_signers file: who may sign with which key (ssh-keygen(1), ALLOWED SIGNERS).
public struct AllowedSignersLine: Hashable, Sendable {
    /// The longest line that is read, in bytes.
    public static let limit = KeyLine.limit

    /// Patterns for the names that the key speaks for, with commas between them: `alice@example.com,*@ops`. One with
    /// `!` before it excludes.
    public let principals: String
    /// Whether ``key`` is the key of an authority, whose certificates may sign.
    public let isCertAuthority: Bool
    /// Patterns for the namespaces that signatures may be for; nil for all.
    public let namespaces: String?
    /// The first moment at which the line counts; nil for always.
    public let validAfter: UnixTime?
    /// The last moment at which the line counts; nil for ever.
    public let validBefore: UnixTime?
    /// The key.
    public let key: KeyOrCertificate
    /// What follows the key; often empty.
    public let comment: String

    /// A line made of its parts.
    ///
    /// - Throws: ``AllowedSignersError/malformed(_:)`` for what would not be read back,
    ///   ``AllowedSignersError/emptyValidity``
    public init(
        principals: String, isCertAuthority: Bool = false, namespaces: String? = nil,
        validAfter: UnixTime? = nil, validBefore: UnixTime? = nil, key: PublicKey, comment: String = ""
    ) throws(AllowedSignersError) {
        let isPlain: (String) -> Bool = { $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f } }
        guard !principals.isEmpty, isPlain(principals), principals.utf8.first != UInt8(ascii: "#"),
            !principals.utf8.contains(UInt8(ascii: "\""))
        else { throw .malformed("principals") }
        guard isPlain(namespaces ?? ""), namespaces?.utf8.last != UInt8(ascii: "\\") else {
            throw .malformed("namespaces")
        }
        guard isPlain(comment) else { throw .malformed("comment") }
        if let validAfter, let validBefore, validBefore <= validAfter { throw .emptyValidity }
        self.principals = principals
        self.isCertAuthority = isCertAuthority
        self.namespaces = namespaces
        self.validAfter = validAfter
        self.validBefore = validBefore
        self.key = .key(key)
        self.comment = comment
    }

    /// Reads one line as ssh-keygen does.
    ///
    /// - Parameter utcOffset: How many seconds the clock of the reader is ahead of UTC: dates without `Z` are meant
    ///   in local time.
    /// - Returns: Nil for an empty line and for a remark.
    /// - Throws: ``AllowedSignersError``
    public static func parse(
        _ line: String, utcOffset: Int64 = 0
    ) throws(AllowedSignersError) -> AllowedSignersLine? {
        let bytes: [UInt8]
        do { bytes = try KeyLine.bytes(of: line) } catch { throw .key(.key(error)) }
        var rest = bytes.drop(while: isSpace)
        guard let first = rest.first, first != UInt8(ascii: "#") else { return nil }
        let principals = try word(&rest)
        return try AllowedSignersLine(principals, rest, utcOffset)
    }

    private init(
        _ principals: [UInt8], _ rest: ArraySlice<UInt8>, _ utcOffset: Int64
    ) throws(AllowedSignersError) {
        guard let principals = String(validating: principals, as: UTF8.self) else {
            throw .key(.wire(.notUTF8))
        }
        self.principals = principals
        var optionLine = rest[rest.startIndex..<rest.startIndex]
        var keyLine = rest
        var after = rest
        let name = String(decoding: KeyLine.word(&after), as: UTF8.self)
        if KeyType(name: name) == nil && KeyType(certificateName: name) == nil {
            guard let length = OptionScanner.length(rest) else { throw .malformed("options") }
            optionLine = rest.prefix(length)
            keyLine = rest.dropFirst(length)
        }
        let options = try Options(optionLine, utcOffset: utcOffset)
        isCertAuthority = options.isCertAuthority
        namespaces = options.namespaces
        validAfter = options.validAfter
        validBefore = options.validBefore
        let line = try Self.wrapKey { () throws(CertificateError) in
            try CertificateError.wrapKey { () throws(KeyError) in try KeyLine(keyLine) }
        }
        key = try Self.wrapKey { () throws(CertificateError) in try KeyOrCertificate(line: line) }
        comment = line.comment
    }

    /// The line, without its end.
    public var text: String {
        var options: [String] = []
        if isCertAuthority { options.append("cert-authority") }
        if let namespaces { options.append("namespaces=" + Self.quoted(namespaces)) }
        if let validAfter { options.append("valid-after=" + Self.quoted(AbsoluteTime.text(validAfter))) }
        if let validBefore { options.append("valid-before=" + Self.quoted(AbsoluteTime.text(validBefore))) }
        let names = principals.utf8.contains(where: Self.isSpace) ? "\"" + principals + "\"" : principals
        let head = options.isEmpty ? names : names + " " + options.joined(separator: ",")
        return head + " " + key.text(comment: comment)
    }

    /// Whether the patterns fit this name, byte for byte.
    public func speaks(for principal: String) -> Bool {
        PatternList.judge(Array(principal.utf8), by: Array(principals.utf8)) == .match
    }

    /// Whether signatures may be for this namespace.
    public func permits(namespace: String) -> Bool {
        guard let namespaces else { return true }
        return PatternList.judge(Array(namespace.utf8), by: Array(namespaces.utf8)) == .match
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: OptionScanner.quoted(text.utf8), as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { KeyLine.isBlank(byte) }

    private static func wrapKey<Value>(
        _ body: () throws(CertificateError) -> Value
    ) throws(AllowedSignersError) -> Value {
        do { return try body() } catch { throw .key(error) }
    }

    /// The first word, in which a quotation may hold blanks; it ends where the quotation ends, as in OpenSSH.
    private static func word(_ rest: inout ArraySlice<UInt8>) throws(AllowedSignersError) -> [UInt8] {
        let plain = rest.prefix { !isSpace($0) && $0 != UInt8(ascii: "\"") }
        rest = rest.dropFirst(plain.count)
        var word = Array(plain)
        if rest.first == UInt8(ascii: "\"") {
            let quotation = rest.dropFirst().prefix { $0 != UInt8(ascii: "\"") }
            rest = rest.dropFirst(quotation.count + 1)
            guard rest.popFirst() != nil else { throw .malformed("quotation mark") }
            word += quotation
        }
        rest = rest.drop(while: isSpace)
        guard !rest.isEmpty else { throw .malformed("key") }
        return word
    }
}

extension AllowedSignersLine: CustomStringConvertible {
    /// The line, without its end.
    public var description: String { text }
}

extension AllowedSignersLine {
    /// What stands between the principals and the key.
    private struct Options {
        var isCertAuthority = false
        var namespaces: String?
        var validAfter: UnixTime?
        var validBefore: UnixTime?

        init(_ line: ArraySlice<UInt8>, utcOffset: Int64) throws(AllowedSignersError) {
            var scanner = OptionScanner(line)
            do {
                while !scanner.isAtEnd {
                    try take(&scanner, utcOffset)
                    try scanner.separator()
                }
            } catch let error as AllowedSignersError {
                throw error
            } catch OptionScanner.Fault.unknown(let name) {
                throw .unknownOption(name)
            } catch OptionScanner.Fault.badQuotation(let name) {
                throw .badOption(name)
            } catch {
                throw .malformed("options")
            }
            if let validAfter, let validBefore, validBefore <= validAfter { throw .emptyValidity }
        }

        private mutating func take(_ scanner: inout OptionScanner, _ utcOffset: Int64) throws {
            if scanner.flag("cert-authority") {
                isCertAuthority = true
            } else if let value = try scanner.value("namespaces") {
                guard namespaces == nil else { throw AllowedSignersError.repeatedOption("namespaces") }
                guard let text = String(validating: value, as: UTF8.self) else {
                    throw AllowedSignersError.badOption("namespaces")
                }
                namespaces = text
            } else if let value = try scanner.value("valid-after") {
                validAfter = try Self.time(value, "valid-after", instead: validAfter, utcOffset)
            } else if let value = try scanner.value("valid-before") {
                validBefore = try Self.time(value, "valid-before", instead: validBefore, utcOffset)
            }
        }

        private static func time(
            _ value: [UInt8], _ name: String, instead old: UnixTime?, _ utcOffset: Int64
        ) throws(AllowedSignersError) -> UnixTime {
            guard old == nil else { throw .repeatedOption(name) }
            guard let time = AbsoluteTime.parse(value, utcOffset: utcOffset) else { throw .badOption(name) }
            return time
        }
    }
}
