import Testing

@testable import AuthorityAPI

@Suite struct `A filter of SCIM` {
    private let dana = try? JSONValue.read(
        Array(
            #"""
            {"id":"1a","externalId":"E-1","userName":"Dana@Example.com","active":true,
             "name":{"familyName":"Ray"},"meta":{"lastModified":"2026-05-13T04:42:34Z"},
             "emails":[{"value":"dana@example.com","type":"work","primary":true},{"value":"d@home.org","type":"home"}],
             "urn:keyreeve:params:scim:schemas:extension:1.0:User":{"login":"dana"}}
            """#.utf8))

    @Test(arguments: [
        #"userName eq "dana@example.com""#, #"USERNAME EQ "DANA@EXAMPLE.COM""#, #"userName ne "bob""#,
        #"userName co "ana@""#, #"userName sw "dana""#, #"userName ew ".COM""#, #"name.familyName pr"#,
        #"userName gt "c" and userName lt "e""#, #"userName ge "dana@example.com""#, #"userName le "e""#,
        #"active eq true"#, #"active eq "True""#, #"not (active eq false)"#,
        #"externalId eq "E-1""#, #"id eq "1a" and (active eq false or emails pr)"#,
        #"emails eq "d@home.org""#, #"emails.type eq "home""#,
        #"emails[type eq "work" and value co "@example.com"]"#, #"not (emails[type eq "other"])"#,
        #"meta.lastModified gt "2026-05-13T04:42:33.5Z""#,
        #"meta.lastModified lt "2026-05-13T06:42:35+02:00""#,
        #"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "D""#,
        #"urn:keyreeve:params:scim:schemas:extension:1.0:User:login eq "dana""#,
        #"displayName ne "x""#, #"not (displayName pr)"#, #"id eq "1a" or id eq "2" and id eq "3""#,
    ]) func `matches`(_ text: String) throws {
        #expect(try SCIMFilterParser.filter(text, of: .user).matches(try #require(dana)))
    }

    @Test(arguments: [
        #"userName eq "dana""#, #"externalId eq "e-1""#, #"active eq false"#, #"displayName pr"#,
        #"emails[type eq "work" and value eq "d@home.org"]"#, #"(id eq "1a" or id eq "2") and id eq "3""#,
        #"not (userName pr)"#, #"userName eq null"#, #"userName eq 1"#,
    ]) func `does not match`(_ text: String) throws {
        #expect(try !SCIMFilterParser.filter(text, of: .user).matches(try #require(dana)))
    }

    @Test(arguments: [
        "", " ", "userName", "userName eq", "userName is \"a\"", "userName eq \"a", #"userName eq "a" and"#,
        #"(userName eq "a""#, #"userName eq "a")"#, #"emails[type eq "work""#, #"emails[nothing eq "a"]"#,
        #"password eq "a""#, #"nothing eq "a""#, #"active gt true"#, #"meta.created gt "yesterday""#,
        #"userName eq "\ud800""#, #"userName eq {"a":1}"#, #"userName[value eq "a"]"#, "not userName pr",
        #"emails[emails[type eq "a"]]"#, #"userName eq "a" userName eq "b""#, #"userName eq "\"#,
        String(repeating: "(", count: 20) + "active pr" + String(repeating: ")", count: 20),
        String(repeating: "(", count: 8_000), String(repeating: "not (", count: 1_600),
        Array(repeating: "active pr", count: 129).joined(separator: " or "),
        #"userName eq "\#(String(repeating: "a", count: 8_200))""#,
    ]) func `is refused where it is none, or too much`(_ text: String) {
        #expect { try SCIMFilterParser.filter(text, of: .user) } throws: {
            ($0 as? SCIMError)?.kind == .invalidFilter
        }
    }

    @Test func `is read at its limits`() throws {
        let many = Array(repeating: "active pr", count: 128).joined(separator: " or ")
        #expect(try SCIMFilterParser.filter(many, of: .user).matches(try #require(dana)))
        let deep = String(repeating: "(", count: 15) + "active pr" + String(repeating: ")", count: 15)
        #expect(try SCIMFilterParser.filter(deep, of: .user).matches(try #require(dana)))
    }
}
