import SSHFormats
import Testing

@Suite struct `The demands of a certificate` {
    @Test func `C12 stay in it`() throws {
        var sample = try Sample()
        sample.criticalOptions = CriticalOptions(
            forceCommand: "/bin/true", sourceAddress: try SourceAddresses(["10.0.0.0/8", "2001:db8::/32"]),
            verifyRequired: true)
        let certificate = try sample.certificate()
        #expect(certificate.criticalOptions == sample.criticalOptions)
        #expect(
            certificate.criticalOptions.options.map(\.name) == [
                "force-command", "source-address", "verify-required",
            ])
    }

    @Test(arguments: ["force-command", "source-address", "verify-required"])
    func `C12 cannot be said twice`(_ name: String) throws {
        var options = CriticalOptions(forceCommand: "a")
        #expect(throws: CertificateError.repeatedOption(name)) {
            try options.add(try CertificateOption(name: name, data: []))
        }
        var raw = try RawSample()
        let data = name == "verify-required" ? [] : RawSample.text("10.0.0.0/8")
        raw.criticalOptions = [(name, data), (name, data)]
        #expect(throws: CertificateError.repeatedOption(name)) { try raw.read() }
    }

    @Test func `C12 an empty source-address means nowhere, and stays`() throws {
        var sample = try Sample()
        sample.criticalOptions.sourceAddress = try SourceAddresses([])
        let certificate = try sample.certificate()
        let addresses = try #require(certificate.criticalOptions.sourceAddress)
        #expect(addresses.networks.isEmpty)
        #expect(!addresses.allows("10.0.0.1"))
        #expect(!certificate.criticalOptions.isEmpty)
        #expect(try SourceAddresses(text: "") == addresses)
    }

    @Test func `C12 an empty force-command stays`() throws {
        var sample = try Sample()
        sample.criticalOptions.forceCommand = ""
        #expect(try sample.certificate().criticalOptions.forceCommand == "")
    }

    @Test(arguments: ["force-command", "source-address"])
    func `C12 an option without its text is refused`(_ name: String) throws {
        for data in [
            [], [0, 0, 0], [0, 0, 0, 1], RawSample.text("10.0.0.1") + [0], RawSample.text("\u{0}"),
        ] {
            var raw = try RawSample()
            raw.criticalOptions = [(name, data)]
            #expect(throws: CertificateError.badOption(name)) { try raw.read() }
        }
    }

    @Test(arguments: ["a\nb", "a\u{0}b", "a\r\nb"])
    func `a command with control characters is not drafted`(_ command: String) throws {
        var sample = try Sample()
        sample.criticalOptions.forceCommand = command
        #expect(throws: CertificateError.badOption("force-command")) { try sample.draft() }
    }

    @Test(
        arguments: [
            "10.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "255.255.255.255/32", "::", "::/0", "::1", "2001:db8::/32",
            "fe80::1:2", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1", "64:ff9b::192.0.2.33/128", "1::8",
        ])
    func `addresses and networks are taken`(_ text: String) throws {
        #expect(try SourceAddresses([text]).description == text)
    }

    @Test(
        arguments: [
            "", "10.0.0.1/8", "10.0.0.0/33", "10.0.0", "10.0.0.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.0/",
            "+1.2.3.4",
            "10.0.0.0/08", "10.0.0.0/+8", "a.example.com", "2001:db8::1/32", "::/129", "1:2:3:4:5:6:7", ":::",
            "1::2::3",
            "12345::", "1:2:3:4:5:6:7:8:9", "::1.2.3", "1.2.3.4::", "10.0.0.0/8 ", "*", "1:2:3:4:5:6:7::8",
            ":1", "1:",
        ])
    func `what is no address is refused`(_ text: String) {
        #expect(throws: CertificateError.badSourceAddress(text)) { try SourceAddresses([text]) }
    }

    @Test func `networks hold their addresses`() throws {
        let addresses = try SourceAddresses(text: "10.0.0.0/8,192.0.2.128/25,2001:db8::/33")
        for inside in ["10.255.0.1", "192.0.2.200", "2001:db8:7fff::1"] { #expect(addresses.allows(inside)) }
        for outside in ["11.0.0.1", "192.0.2.1", "2001:db8:8000::1", "10.0.0.0/8", "::ffff:10.0.0.1", "x"] {
            #expect(!addresses.allows(outside))
        }
    }

    @Test func `unknown ones are kept byte for byte and in order`() throws {
        var sample = try Sample()
        for name in ["zz@example.com", "aa@example.com", "g"] {
            try sample.criticalOptions.add(try CertificateOption(name: name, data: [1, 2, 3]))
            try sample.extensions.add(try CertificateOption(name: name, data: []))
        }
        sample.criticalOptions.forceCommand = "x"
        let certificate = try sample.certificate()
        #expect(
            certificate.criticalOptions.options.map(\.name) == [
                "aa@example.com", "force-command", "g", "zz@example.com",
            ])
        #expect(certificate.criticalOptions == sample.criticalOptions)
        #expect(certificate.extensions == sample.extensions)
        #expect(try CertificateDraft(parsingToBeSigned: certificate.signedBytes) == sample.draft())
    }
}
