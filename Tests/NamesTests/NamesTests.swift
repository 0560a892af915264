import Names
import Testing

/// Texts that no name may be, whatever a Character view makes of them.
private let hostile: [String] = [
    "", " ", "a,b", "a b", " root", "root ", "a\r\nb", "a\nb", "a\u{0}b", "%u", "$(x)", "`x`", "a;b", "a/b",
    "../a",
    "Root", "ADMIN", "\u{212A}ate", "e\u{301}ve", "caf\u{e9}", "a\u{200B}b", "a\u{FEFF}b", "a\"b", "a'b",
    "a\\b", "*", "a*",
    "-a", ".a", "a=b", "a@b", "a:b", "a~b", "a+b", "\u{1F511}", "ａlice",
]

@Suite struct `Names on every border` {
    @Test(arguments: hostile) func `refuse hostile texts as names`(_ text: String) {
        #expect(throws: NameError.self) { try Name(text) }
        #expect(throws: NameError.self) { try Name(host: text) }
    }

    @Test(arguments: hostile) func `refuse hostile texts as logins`(_ text: String) {
        #expect(throws: NameError.self) { try Login(text) }
    }

    @Test(arguments: hostile) func `refuse hostile texts as either half of a label`(_ text: String) {
        #expect(throws: NameError.self) { try Label("\(text)=value") }
        #expect(throws: NameError.self) { try Label("key=\(text)") }
    }

    @Test func `Z05 fold nothing into an admin's name`() {
        for text in ["Root", " root", "ADMIN", "admin\u{0}", "admin\n", "\u{212A}eyreeve"] {
            #expect(throws: NameError.self) { try Name(text) }
            #expect(throws: NameError.self) { try IdentityID(text) }
        }
    }

    @Test func `name the offending byte and where it stands`() {
        #expect(throws: NameError.byte(0x2C, offset: 1)) { try Name("a,b") }
        #expect(throws: NameError.byte(0x0D, offset: 5)) { try Login("alice\r\n") }
        #expect(throws: NameError.empty) { try Name("") }
    }

    @Test func `have their longest lengths`() throws {
        #expect(try Name(String(repeating: "a", count: 63)).text.utf8.count == 63)
        #expect(throws: NameError.tooLong(limit: 63)) { try Name(String(repeating: "a", count: 64)) }
        #expect(try Name(host: String(repeating: "a", count: 253)).text.utf8.count == 253)
        #expect(throws: NameError.tooLong(limit: 253)) { try Name(host: String(repeating: "a", count: 254)) }
        #expect(try Login(String(repeating: "a", count: 32)).text.utf8.count == 32)
        #expect(throws: NameError.tooLong(limit: 32)) { try Login(String(repeating: "a", count: 33)) }
    }

    @Test func `take a login's pattern to the letter`() throws {
        for text in ["_apt", "a", "www-data", "a.b", "a-", "a..b"] { #expect(try Login(text).text == text) }
        #expect(throws: NameError.self) { try Login("0day") }
    }
}

@Suite struct `An identity's text` {
    @Test(arguments: ["alice", "host:web1.example.com", "device:alice.laptop", "service:deployer"])
    func `comes back as it was`(_ text: String) throws {
        #expect(try IdentityID(text).description == text)
    }

    @Test func `may name a person's kind`() throws {
        #expect(try IdentityID("person:alice") == IdentityID(.person, Name("alice")))
    }

    @Test func `has no other kinds`() {
        #expect(throws: NameError.self) { try IdentityID("group:web") }
        #expect(throws: NameError.self) { try IdentityID("Host:web1") }
        #expect(throws: NameError.self) { try IdentityID("host:") }
    }
}

@Suite struct `A principal` {
    @Test(arguments: ["deploy@web1.example.com", "deploy@env=staging", "deploy"])
    func `comes back as it was`(_ text: String) throws {
        #expect(try PrincipalName(text).description == text)
    }

    @Test(arguments: ["@web1", "deploy@", "deploy@a=b=c", "deploy@web1@web2", "deploy,root", "de ploy@web1"])
    func `is refused where it is none`(_ text: String) {
        #expect(throws: NameError.self) { try PrincipalName(text) }
    }
}

@Suite struct `A secret` {
    @Test func `prints nothing of itself`() {
        let secret = Secret("hunter2")
        #expect("\(secret)" == "‹redacted›")
        #expect(String(reflecting: secret) == "‹redacted›")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }
}
