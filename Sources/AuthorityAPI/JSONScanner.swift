/// Reads a JSON text, strictly: see ``StrictJSON``.
struct JSONScanner {
    private let bytes: [UInt8]
    private let maxDepth: Int
    private var at = 0

    static func value(of bytes: [UInt8], maxDepth: Int) throws(StrictJSONError) -> JSONValue {
        var scanner = JSONScanner(bytes: bytes, maxDepth: min(maxDepth, StrictJSON.deepest))
        return try scanner.document()
    }

    private init(bytes: [UInt8], maxDepth: Int) {
        self.bytes = bytes
        self.maxDepth = maxDepth
    }

    private mutating func document() throws(StrictJSONError) -> JSONValue {
        guard !bytes.starts(with: [0xef, 0xbb, 0xbf]) else { throw fault(.byteOrderMark) }
        skipSpace()
        guard at < bytes.count else { throw fault(.empty) }
        let value = try value(depth: 0)
        skipSpace()
        guard at == bytes.count else { throw fault(.trailingBytes) }
        return value
    }

    private mutating func value(depth: Int) throws(StrictJSONError) -> JSONValue {
        switch try peek() {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw fault(.unexpectedByte)
        }
    }

    private mutating func object(depth: Int) throws(StrictJSONError) -> JSONValue {
        guard depth <= maxDepth else { throw fault(.tooDeep) }
        at += 1
        var fields: [JSONValue.Field] = []
        var keys = KeySet()
        skipSpace()
        guard try !take(UInt8(ascii: "}")) else { return .object([]) }
        while true {
            skipSpace()
            let start = at
            guard try peek() == UInt8(ascii: "\"") else { throw fault(.unexpectedByte) }
            let key = try string()
            guard keys.insert(key) else { throw StrictJSONError(.duplicateKey, offset: start) }
            skipSpace()
            guard try take(UInt8(ascii: ":")) else { throw fault(.unexpectedByte) }
            skipSpace()
            fields.append(JSONValue.Field(key: key, value: try value(depth: depth)))
            skipSpace()
            if try take(UInt8(ascii: "}")) { return .object(fields) }
            guard try take(UInt8(ascii: ",")) else { throw fault(.unexpectedByte) }
        }
    }

    private mutating func array(depth: Int) throws(StrictJSONError) -> JSONValue {
        guard depth <= maxDepth else { throw fault(.tooDeep) }
        at += 1
        var elements: [JSONValue] = []
        skipSpace()
        guard try !take(UInt8(ascii: "]")) else { return .array([]) }
        while true {
            skipSpace()
            elements.append(try value(depth: depth))
            skipSpace()
            if try take(UInt8(ascii: "]")) { return .array(elements) }
            guard try take(UInt8(ascii: ",")) else { throw fault(.unexpectedByte) }
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(StrictJSONError) -> JSONValue
    {
        for expected in word.description.utf8 {
            guard try take(expected) else { throw fault(.unexpectedByte) }
        }
        return value
    }

    /// `[ minus ] int [ frac ] [ exp ]` (RFC 8259 §6).
    private mutating func number() throws(StrictJSONError) -> String {
        let start = at
        skip(UInt8(ascii: "-"))
        if !skip(UInt8(ascii: "0")) { try digits() }
        if skip(UInt8(ascii: ".")) { try digits() }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            if !skip(UInt8(ascii: "+")) { skip(UInt8(ascii: "-")) }
            try digits()
        }
        let range = start..<at
        guard range.count <= 256 else { throw StrictJSONError(.numberOutOfRange, offset: start) }
        let text = String(decoding: bytes[range], as: UTF8.self)
        guard range.count <= 18 && !text.utf8.contains(where: isExponent) || Double(text)?.isFinite == true
        else {
            throw StrictJSONError(.numberOutOfRange, offset: start)
        }
        return text
    }

    private mutating func digits() throws(StrictJSONError) {
        let start = at
        while at < bytes.count, isDigit(bytes[at]) { at += 1 }
        guard at > start else { throw fault(.badNumber) }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
    private func isExponent(_ byte: UInt8) -> Bool { byte | 0x20 == UInt8(ascii: "e") }

    /// The text between quotes; the position stands at the first quote.
    private mutating func string() throws(StrictJSONError) -> String {
        at += 1
        let start = at
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                let text = try text(bytes[start..<at])
                at += 1
                return text
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw fault(.controlCharacter)
            default: at += 1
            }
        }
        throw fault(.unexpectedEnd)
    }

    /// The same for a text with escapes; the position stands at the first of them.
    private mutating func escapedString(from start: Int) throws(StrictJSONError) -> String {
        var text = try text(bytes[start..<at])
        while true {
            let plain = at
            while at < bytes.count, bytes[at] >= 0x20, bytes[at] != UInt8(ascii: "\""),
                bytes[at] != UInt8(ascii: "\\")
            { at += 1 }
            text += try self.text(bytes[plain..<at])
            switch try peek() {
            case UInt8(ascii: "\""):
                at += 1
                return text
            case UInt8(ascii: "\\"): text.unicodeScalars.append(try escape())
            default: throw fault(.controlCharacter)
            }
        }
    }

    private mutating func escape() throws(StrictJSONError) -> Unicode.Scalar {
        let start = at
        at += 1
        let letter = try peek()
        at += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape(from: start)
        default: throw StrictJSONError(.badEscape, offset: start)
        }
    }

    private mutating func unicodeEscape(from start: Int) throws(StrictJSONError) -> Unicode.Scalar {
        let first = try fourDigits(from: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xdc00, skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) else {
            throw StrictJSONError(.loneSurrogate, offset: start)
        }
        let second = try fourDigits(from: start)
        guard (0xdc00...0xdfff).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else { throw StrictJSONError(.loneSurrogate, offset: start) }
        return scalar
    }

    private mutating func fourDigits(from start: Int) throws(StrictJSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = try peek()
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw StrictJSONError(.badEscape, offset: start)
            }
            value = value << 4 | UInt32(digit)
            at += 1
        }
        return value
    }

    private func text(_ slice: ArraySlice<UInt8>) throws(StrictJSONError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw StrictJSONError(.notUTF8, offset: slice.startIndex)
        }
        return text
    }

    private mutating func skipSpace() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x09, 0x0a, 0x0d: at += 1
            default: return
            }
        }
    }

    private func peek() throws(StrictJSONError) -> UInt8 {
        guard at < bytes.count else { throw fault(.unexpectedEnd) }
        return bytes[at]
    }

    /// Takes the byte if it stands there; the end of the text is a fault.
    private mutating func take(_ byte: UInt8) throws(StrictJSONError) -> Bool {
        guard try peek() == byte else { return false }
        at += 1
        return true
    }

    /// Takes the byte if it stands there; the end of the text is not a fault.
    @discardableResult private mutating func skip(_ byte: UInt8) -> Bool {
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    private func fault(_ reason: StrictJSONError.Reason) -> StrictJSONError {
        StrictJSONError(reason, offset: at)
    }
}

/// The keys of one object: compared one by one while they are few, hashed when they are many.
private struct KeySet {
    private var few: [String] = []
    private var many: Set<String> = []

    /// Whether the key is new.
    mutating func insert(_ key: String) -> Bool {
        guard many.isEmpty else { return many.insert(key).inserted }
        guard !few.contains(key) else { return false }
        few.append(key)
        if few.count > 16 { many = Set(few) }
        return true
    }
}
