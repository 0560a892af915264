import AuthorityAPI
import Testing

/// A text and what is wrong with it, and where.
struct HostileText: Sendable, CustomStringConvertible {
    let bytes: [UInt8]
    let fault: StrictJSONError

    init(_ text: String, _ reason: StrictJSONError.Reason, at offset: Int) {
        self.init(Array(text.utf8), reason, at: offset)
    }

    init(_ bytes: [UInt8], _ reason: StrictJSONError.Reason, at offset: Int) {
        self.bytes = bytes
        fault = StrictJSONError(reason, offset: offset)
    }

    var description: String { String(decoding: bytes, as: UTF8.self).prefix(40).description }

    static let vectors: [HostileText] = [
        HostileText("", .empty, at: 0), HostileText("  \n", .empty, at: 3),
        HostileText([0xef, 0xbb, 0xbf] + Array("{}".utf8), .byteOrderMark, at: 0),
        HostileText([0xff, 0xfe, 0x7b, 0x00], .unexpectedByte, at: 0),
        HostileText("{} x", .trailingBytes, at: 3), HostileText("{}{}", .trailingBytes, at: 2),
        HostileText("[1]\0", .trailingBytes, at: 3), HostileText("1 // comment", .trailingBytes, at: 2),
        HostileText("/**/1", .unexpectedByte, at: 0),
        HostileText("{", .unexpectedEnd, at: 1), HostileText("[", .unexpectedEnd, at: 1),
        HostileText("[1", .unexpectedEnd, at: 2), HostileText("[1,", .unexpectedEnd, at: 3),
        HostileText("[1,]", .unexpectedByte, at: 3), HostileText("[,1]", .unexpectedByte, at: 1),
        HostileText("[1 2]", .unexpectedByte, at: 3), HostileText("[1}", .unexpectedByte, at: 2),
        HostileText("]", .unexpectedByte, at: 0),
        HostileText("{\"a\":1,}", .unexpectedByte, at: 7), HostileText("{a:1}", .unexpectedByte, at: 1),
        HostileText("{'a':1}", .unexpectedByte, at: 1), HostileText("{\"a\" 1}", .unexpectedByte, at: 5),
        HostileText("{\"a\":}", .unexpectedByte, at: 5), HostileText("{1:1}", .unexpectedByte, at: 1),
        HostileText("{\"a\":1 \"b\":2}", .unexpectedByte, at: 7),
        HostileText("{\"a\":1,\"a\":2}", .duplicateKey, at: 7),
        HostileText("{\"a\":1,\"\\u0061\":2}", .duplicateKey, at: 7),
        HostileText("{\"x\":{\"a\":1,\"b\":2,\"a\":3}}", .duplicateKey, at: 18),
        HostileText("{\"\u{e9}\":1,\"e\u{301}\":2}", .duplicateKey, at: 8),
        HostileText("{\"\":1,\"\":2}", .duplicateKey, at: 6),
        HostileText("NaN", .unexpectedByte, at: 0), HostileText("Infinity", .unexpectedByte, at: 0),
        HostileText("[-Infinity]", .badNumber, at: 2), HostileText("nul", .unexpectedEnd, at: 3),
        HostileText("True", .unexpectedByte, at: 0), HostileText("nulls", .trailingBytes, at: 4),
        HostileText("1e400", .numberOutOfRange, at: 0), HostileText("[-1E+400]", .numberOutOfRange, at: 1),
        HostileText("1e99999999999999999999", .numberOutOfRange, at: 0),
        HostileText(String(repeating: "9", count: 400), .numberOutOfRange, at: 0),
        HostileText("01", .trailingBytes, at: 1), HostileText("[-01]", .unexpectedByte, at: 3),
        HostileText("[00]", .unexpectedByte, at: 2), HostileText("[+1]", .unexpectedByte, at: 1),
        HostileText("[.5]", .unexpectedByte, at: 1), HostileText("[5.]", .badNumber, at: 3),
        HostileText("[1.e1]", .badNumber, at: 3), HostileText("[-]", .badNumber, at: 2),
        HostileText("[1e]", .badNumber, at: 3), HostileText("[1e+-2]", .badNumber, at: 4),
        HostileText("[0x1F]", .unexpectedByte, at: 2), HostileText("[1_000]", .unexpectedByte, at: 2),
        HostileText("[\u{ff11}]", .unexpectedByte, at: 1),
        HostileText("\"abc", .unexpectedEnd, at: 4), HostileText("\"a\\", .unexpectedEnd, at: 3),
        HostileText("\"a\nb\"", .controlCharacter, at: 2), HostileText("\"\0\"", .controlCharacter, at: 1),
        HostileText("\"\\t\t\"", .controlCharacter, at: 3),
        HostileText("\"\\x41\"", .badEscape, at: 1), HostileText("\"\\'\"", .badEscape, at: 1),
        HostileText("\"\\u00g0\"", .badEscape, at: 1), HostileText("\"\\u12\"", .badEscape, at: 1),
        HostileText("\"\\U0041\"", .badEscape, at: 1), HostileText("\"\\u\u{ff11}234\"", .badEscape, at: 1),
        HostileText("\"\\ud800\"", .loneSurrogate, at: 1), HostileText("\"\\udc00\"", .loneSurrogate, at: 1),
        HostileText("\"\\ud800x\"", .loneSurrogate, at: 1),
        HostileText("\"\\ud800\\n\"", .loneSurrogate, at: 1),
        HostileText("\"\\ud800\\ud800\"", .loneSurrogate, at: 1),
        HostileText("\"\\udc00\\ud800\"", .loneSurrogate, at: 1),
        HostileText([0x22, 0xff, 0x22], .notUTF8, at: 1),
        HostileText([0x22, 0xc0, 0xaf, 0x22], .notUTF8, at: 1),
        HostileText([0x22, 0xed, 0xa0, 0x80, 0x22], .notUTF8, at: 1),
        HostileText([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], .notUTF8, at: 1),
        HostileText([0x22, 0xe2, 0x82, 0x22], .notUTF8, at: 1),
        HostileText([0x5b, 0xff], .unexpectedByte, at: 1),
        HostileText(String(repeating: "[", count: 33), .tooDeep, at: 32),
        HostileText(String(repeating: "[", count: 100_000), .tooDeep, at: 32),
        HostileText(String(repeating: "{\"a\":", count: 100_000), .tooDeep, at: 160),
    ]
}

@Suite struct `Strict JSON` {
    @Test(arguments: HostileText.vectors)
    func `P05 refuses what two readers could read in two ways, and says where`(_ text: HostileText) {
        #expect(throws: text.fault) { try StrictJSON.check(text.bytes) }
    }

    @Test(arguments: [
        "{}", "[]", " [ ] ", "null", "true", "false", "0", "-0", "0.5", "-1.5e-7", "1E+2", "\"\"", "1e308",
        "18446744073709551615", "-9223372036854775808", "1e-400",
        "\"\\u0000\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\\\\\\\"\"",
        "\"\u{7f}\u{2028}\u{10ffff}\"", "[1,2 , 3]", "{\"a\":{\"a\":{\"a\":[]}},\"b\":null}",
        "[\"a\",{\"\":0}]\n", "{\"a\":1,\"A\":2,\"a \":3}",
    ])
    func `accepts what RFC 8259 has`(_ text: String) throws {
        try StrictJSON.check(Array(text.utf8))
    }

    @Test func `allows exactly as many levels as asked`() throws {
        let deep = { (count: Int) in
            Array((String(repeating: "[", count: count) + String(repeating: "]", count: count)).utf8)
        }
        try StrictJSON.check(deep(32))
        try StrictJSON.check(deep(2), maxDepth: 2)
        #expect(throws: StrictJSONError(.tooDeep, offset: 2)) { try StrictJSON.check(deep(3), maxDepth: 2) }
        #expect(throws: StrictJSONError(.tooDeep, offset: 128)) {
            try StrictJSON.check(deep(100_000), maxDepth: .max)
        }
        #expect(throws: StrictJSONError(.tooDeep, offset: 0)) { try StrictJSON.check(deep(1), maxDepth: 0) }
    }

    @Test func `finds a duplicate among very many keys`() throws {
        let keys = (0..<5_000).map { "\"k\($0)\":0" }.joined(separator: ",")
        try StrictJSON.check(Array("{\(keys)}".utf8))
        #expect(throws: StrictJSONError(.duplicateKey, offset: keys.utf8.count + 2)) {
            try StrictJSON.check(Array("{\(keys),\"k77\":0}".utf8))
        }
    }

    @Test func `never stops the process, whatever byte is changed, cut or put in`() {
        let text = Array(#"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00",null,true],"é":{"b":false}}"#.utf8)
        for position in text.indices {
            try? StrictJSON.check(Array(text[..<position]))
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[position] = byte
                try? StrictJSON.check(changed)
                changed = text
                changed.insert(byte, at: position)
                try? StrictJSON.check(changed)
            }
        }
    }
}
