import SSHFormats
import Testing

@Suite struct `A line of authorized_keys` {
    @Test(
        arguments: [
            [], ["restrict"], ["cert-authority", "principals=\"alice,bob\""],
            ["command=\"echo \\\"a, b\\\" # c\"", "no-pty"],
            ["from=\"10.0.0.0/8,!10.1.0.0/16\"", "environment=\"A=b c\""],
        ])
    func `keeps its options as they stand`(_ options: [String]) throws {
        let key = try Vector.key("ed25519")
        let line = try AuthorizedKeysLine(options: options, key: key, comment: "alice at home")
        #expect(try AuthorizedKeysLine.parse(line.text + "\n") == line)
        #expect(line.isCertAuthority == options.contains("cert-authority"))
    }

    @Test(arguments: ["", "   ", "# remark", "\t# remark", "\n"]) func `may be empty or a remark`(
        _ line: String
    ) throws {
        #expect(try AuthorizedKeysLine.parse(line) == nil)
    }

    @Test func `is refused with a quotation that does not end, or without a key`() throws {
        let key = try Vector.key("ed25519").text()
        #expect(throws: KeyError.malformed("options")) { try AuthorizedKeysLine.parse("command=\"a \(key)") }
        #expect(try AuthorizedKeysLine.parse(",a,,b, \(key)")?.options == ["a", "b"])
        #expect(throws: KeyError.malformed("type and Base64")) { try AuthorizedKeysLine.parse("restrict") }
        #expect(throws: KeyError.dsa) {
            try AuthorizedKeysLine.parse(try Vector.text("dsa.pub"))
        }
        #expect(throws: KeyError.certificateAsKey("ssh-ed25519-cert-v01@openssh.com")) {
            try AuthorizedKeysLine.parse(try Vector.text("user-cert.pub"))
        }
    }

    @Test(arguments: ["a b", "a,b", "", "a\"b", "command=\"x\ny\"", "a\"b c"])
    func `is not written with an option that would be read otherwise`(_ option: String) throws {
        let key = try Vector.key("ed25519")
        #expect(throws: KeyError.malformed("option")) { try AuthorizedKeysLine(options: [option], key: key) }
    }

    @Test func `of ours is taken by ssh-keygen -l`() throws {
        let keygen = try SSHKeygen()
        let key = try Vector.key("ecdsa")
        let line = try AuthorizedKeysLine(
            options: ["command=\"a, \\\"b\\\" c\"", "no-pty"], key: key, comment: "x y")
        try keygen.write(line.text + "\n", to: "authorized_keys")
        #expect(
            try keygen.run(["-l", "-f", "authorized_keys"]).output == "256 \(key.fingerprint) x y (ECDSA)\n")
    }
}

@Suite struct `A line of known_hosts` {
    @Test(
        arguments: [
            "web1.example.com,192.0.2.1", "[web2]:2222", "@cert-authority *.example.com,!bad.example.com",
            "@revoked *",
        ])
    func `is written as it was read`(_ beginning: String) throws {
        let text = "\(beginning) \(try Vector.key("ed25519").text(comment: "a remark"))"
        #expect(try KnownHostsLine.parse(text)?.text == text)
    }

    @Test func `with hashed names is kept, and matched`() throws {
        let text = try Vector.text("hashed.known_hosts").split(separator: "\n").map(String.init)
        let lines = try text.compactMap { try KnownHostsLine.parse($0) }
        #expect(lines.map(\.text) == text)
        #expect(lines.count == 3)
        for (line, host) in zip(lines, ["web1.example.com", "192.0.2.1", "[web2]:2222"]) {
            #expect(line.matches(host))
            #expect(!line.matches("other"))
        }
    }

    @Test func `speaks for names by patterns, unless one denies them`() throws {
        let key = try Vector.key("ed25519")
        let line = try KnownHostsLine(hosts: ["*.example.com", "web?", "!bad.example.com"], key: key)
        for host in ["a.example.com", "A.Example.Com", "web1", "a.b.example.com"] {
            #expect(line.matches(host))
        }
        for host in ["example.com", "bad.example.com", "web10", "web", "", "\u{212a}.example.co"] {
            #expect(!line.matches(host))
        }
        let stars = try KnownHostsLine(hosts: [String(repeating: "*a", count: 500)], key: key)
        #expect(!stars.matches(String(repeating: "a", count: 499)))
        #expect(stars.matches(String(repeating: "a", count: 501)))
    }

    @Test(arguments: ["", "# remark", "  "]) func `may be empty or a remark`(_ line: String) throws {
        #expect(try KnownHostsLine.parse(line) == nil)
    }

    @Test func `is refused with a strange marker or strange names`() throws {
        let key = try Vector.key("ed25519")
        #expect(throws: KeyError.malformed("marker")) { try KnownHostsLine.parse("@trusted * \(key)") }
        for hosts in [[], [""], ["a b"], ["a,b"], ["#a"], ["@a"], ["é"], ["a\n"]] {
            #expect(throws: KeyError.malformed("host names")) { try KnownHostsLine(hosts: hosts, key: key) }
        }
        #expect(throws: KeyError.malformed("comment")) {
            try KnownHostsLine(hosts: ["a"], key: key, comment: "a\nb")
        }
    }

    @Test func `of ours is found by ssh-keygen -F`() throws {
        let keygen = try SSHKeygen()
        let line = try KnownHostsLine(hosts: ["web1.example.com"], key: try Vector.key("ed25519"))
        try keygen.write(line.text + "\n", to: "known")
        let (output, status) = try keygen.run(["-F", "web1.example.com", "-f", "known"])
        #expect(status == 0)
        #expect(output.split(separator: "\n").last.map(String.init) == line.text)
    }
}
