import AuthorityClient
import Names
import Testing

@Suite struct `Answers given before they are asked` {
    @Test func `keep all that follows the first equals sign`() throws {
        let answers = try AnswerLines(Array("# demo\n\npassword= a=b \r\ntotp=auto\n".utf8))
        #expect(answers["password"]?.withExposed { $0 } == " a=b ")
        #expect(answers["totp"]?.withExposed { $0 } == "auto")
        #expect(answers["link"] == nil)
    }

    @Test func `are refused by line number, never by text`() {
        #expect(throws: AnswerError.line(2)) { try AnswerLines(Array("a=b\nsecret\n".utf8)) }
        #expect(throws: AnswerError.line(1)) { try AnswerLines(Array("=b".utf8)) }
        #expect(throws: AnswerError.line(1)) {
            try AnswerLines([UInt8(ascii: "a"), UInt8(ascii: "="), 0xff])
        }
        #expect(throws: AnswerError.repeated(line: 2)) { try AnswerLines(Array("a=b\na=c\n".utf8)) }
        #expect(throws: AnswerError.tooLong) { try AnswerLines([UInt8](repeating: 35, count: 65_537)) }
    }
}

@Suite struct `A TOTP code` {
    /// RFC 6238, appendix B: the last six of its eight digits.
    @Test(
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ] as [(UInt64, String)])
    func `is the one of RFC 6238`(_ seconds: UInt64, _ code: String) throws {
        let totp = try #require(TOTP(base32: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"))
        #expect(totp.code(at: seconds) == code)
        #expect(totp.code(at: seconds - 30, steps: 1) == code)
    }

    @Test(arguments: ["", "GEZDGNBV", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", "GEZDGNBVGY3TQOJQGEZDGNBVGY3T OJQ"])
    func `has no secret that is short or not Base32`(_ text: String) {
        #expect(TOTP(base32: text) == nil)
    }
}
