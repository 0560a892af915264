import AuthorityAPI
import AuthorityClient
import Names
import Testing

@Suite struct `An enrolment link` {
    private static let pin = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"

    @Test func `is read into server, token and pin`() throws {
        let link = try EnrolmentAddress(" https://reeve.example.com:8443/enrol#Abc-_09~\(Self.pin)\r\n")
        #expect(link.server.description == "https://reeve.example.com:8443")
        #expect(link.token.withExposed { $0 } == "Abc-_09")
        #expect(link.pin.description == Self.pin)
        #expect("\(link.token)" == "‹redacted›")
    }

    @Test(arguments: ["https://a.example/enrol#T", "https://a.example/enrol#T~web"])
    func `without a pin is for the roots of the system`(_ text: String) throws {
        #expect(try EnrolmentAddress(text).pin == .web)
    }

    @Test func `leaves out the usual port, as the Host field does`() throws {
        #expect(try EnrolmentAddress("https://[::1]:443/enrol#T").server.description == "https://[::1]")
        #expect(try ServerAddress("https://127.0.0.1:80").description == "https://127.0.0.1:80")
    }

    @Test(arguments: [
        "", "https://a.example/enrol", "https://a.example/enrol#", "https://a.example/enrol#~web",
        "https://a.example/enrol#T~", "https://a.example/enrol#T~short", "https://a.example/enrol#T~web~web",
        "https://a.example/enrol#T#web", "https://a.example/other#T", "https://a.example/enrol#T\u{e9}",
    ])
    func `is refused in any other form`(_ text: String) {
        #expect(throws: AddressError.notALink) { try EnrolmentAddress(text) }
    }

    @Test(arguments: [
        "http://127.0.0.1", "https://", "https://a.example:0", "https://a.example:65536",
        "https://a.example:-1",
        "https://a.example:", "https://a.example/x", "https://A.example", "https://u@a.example",
        "https://a%20b",
        "https://a:1:2", "https://[::1", "https://[]:1", "https://a]b", "https://\u{212a}.example",
        "https://a.example\r\nX: y",
    ])
    func `names no server but by https, host and port`(_ text: String) {
        #expect(throws: AddressError.notAnAddress) { try ServerAddress(text) }
    }
}
