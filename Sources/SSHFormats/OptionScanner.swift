/// Goes through the options before a key, in authorized_keys and allowed_signers, as OpenSSH does: names in any
/// case, values in quotation marks, commas between them.
struct OptionScanner {
    /// What is wrong with the options.
    enum Fault: Error, Hashable, Sendable {
        /// A value that does not begin with a quotation mark, or has no end.
        case badQuotation(String)
        /// A name that is not known, or something else than a comma behind an option.
        case unknown(String)
        /// A comma with nothing behind it.
        case endsWithComma
    }

    private var rest: ArraySlice<UInt8>

    init(_ options: ArraySlice<UInt8>) {
        rest = options
    }

    /// Whether no option is left: at a blank, or at the end.
    var isAtEnd: Bool {
        guard let first = rest.first else { return true }
        return KeyLine.isBlank(first)
    }

    /// Takes this word, if it stands here.
    mutating func flag(_ name: String) -> Bool {
        guard starts(with: name) else { return false }
        rest = rest.dropFirst(name.utf8.count)
        return true
    }

    /// Takes this word, or the word with `no-` before it; nil if neither stands here.
    mutating func negatableFlag(_ name: String) -> Bool? {
        if flag(name) { return true }
        return flag("no-" + name) ? false : nil
    }

    /// Takes `name="value"` and gives the value, without the backslashes before quotation marks; nil if it does
    /// not stand here.
    mutating func value(_ name: String) throws(Fault) -> [UInt8]? {
        guard flag(name + "=") else { return nil }
        guard rest.popFirst() == UInt8(ascii: "\"") else { throw .badQuotation(name) }
        var value: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return value }
            if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "\"") {
                rest.removeFirst()
                value.append(UInt8(ascii: "\""))
                continue
            }
            value.append(byte)
        }
        throw .badQuotation(name)
    }

    /// Takes the comma behind an option, or in place of one: OpenSSH takes `,,` too. At the end there is none.
    mutating func separator() throws(Fault) {
        guard !isAtEnd else { return }
        guard rest.first == UInt8(ascii: ",") else { throw .unknown(word) }
        rest.removeFirst()
        guard !rest.isEmpty else { throw .endsWithComma }
    }

    /// What stands here, up to the next comma, for messages.
    private var word: String {
        String(decoding: rest.prefix(64).prefix { $0 != UInt8(ascii: ",") }, as: UTF8.self)
    }

    /// How far the options go: to the first blank that is not quoted. Nil if a quotation does not end.
    static func length(_ bytes: ArraySlice<UInt8>) -> Int? {
        var scanner = QuoteScanner()
        let length = bytes.prefix { !(scanner.isOutside(before: $0) && KeyLine.isBlank($0)) }.count
        return scanner.isQuoted ? nil : length
    }

    /// The value with a backslash before each quotation mark, in quotation marks.
    static func quoted(_ value: some Sequence<UInt8>) -> [UInt8] {
        var text = [UInt8(ascii: "\"")]
        for byte in value {
            if byte == UInt8(ascii: "\"") { text.append(UInt8(ascii: "\\")) }
            text.append(byte)
        }
        return text + [UInt8(ascii: "\"")]
    }

    private func starts(with name: String) -> Bool {
        rest.prefix(name.utf8.count).elementsEqual(name.utf8) { $0.asciiLowercased == $1.asciiLowercased }
    }
}

/// Follows quotation marks as OpenSSH does: `\"` is not one.
struct QuoteScanner {
    private(set) var isQuoted = false
    private var isEscaped = false

    /// Takes the next byte; says whether it stands outside of quotations.
    mutating func isOutside(before byte: UInt8) -> Bool {
        let wasEscaped = isEscaped
        isEscaped = byte == UInt8(ascii: "\\")
        if byte == UInt8(ascii: "\""), !wasEscaped { isQuoted.toggle() }
        return !isQuoted
    }
}

extension UInt8 {
    /// A…Z made small, and only those: whole Unicode would make a `k` of the Kelvin sign.
    var asciiLowercased: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }
}
