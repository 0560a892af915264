import SSHFormats
import Testing

@Suite struct `The principals of a certificate` {
    @Test func `C05 may be 256, which ssh-keygen reads too`() throws {
        var sample = try Sample()
        sample.principals = (1...256).map { "p\($0)" }
        let certificate = try sample.certificate()
        let keygen = try SSHKeygen()
        try keygen.write(certificate.text() + "\n", to: "cert.pub")
        let (output, status) = try keygen.run(["-L", "-f", "cert.pub"])
        #expect(status == 0)
        #expect(output == "cert.pub:\n" + certificate.listing)
    }

    @Test func `C05 are refused when there are 257`() throws {
        let names = (1...257).map { "p\($0)" }
        #expect(throws: CertificateError.tooManyPrincipals(257, limit: 256)) { try Principals(names) }
        var raw = try RawSample()
        raw.principals = names.map { Array($0.utf8) }
        #expect(throws: CertificateError.tooManyPrincipals(257, limit: 256)) { try raw.read() }
    }

    @Test func `are never none`() {
        #expect(throws: CertificateError.noPrincipals) { try Principals([]) }
    }

    @Test(
        arguments: [
            "", "a,b", "a b", "a\tb", "a\r\nb", "a\nb", "a\u{0}", "a\"b", "a'b", "\u{212a}evin", "a\u{302},b",
            "u\u{308}ser", "é", "\u{7f}", String(repeating: "x", count: 257),
        ])
    func `are plain names`(_ name: String) throws {
        #expect(throws: CertificateError.badPrincipal(name)) { try Principals(["alice", name]) }
    }

    @Test(arguments: ["a,b", "", "a b", "a\u{302},b"])
    func `are plain names in certificates of others too`(_ name: String) throws {
        var raw = try RawSample()
        raw.principals = [Array(name.utf8)]
        #expect(throws: CertificateError.badPrincipal(name)) { try raw.read() }
    }

    @Test func `are found byte for byte`() throws {
        let principals = try Principals(["deploy@env=staging", "root"])
        #expect(principals.contains("root"))
        #expect(!principals.contains("Root"))
        #expect(!principals.contains("root\u{301}"))
    }
}
