import SSHFormats
import Testing

@Suite struct `Options in authorized_keys` {
    @Test func `are typed`() throws {
        let options = try AuthorizedKeysOptions(
            text: "restrict,PTY,no-touch-required,verify-required,command=\"echo \\\"a, b\\\"\","
                + "from=\"10.0.0.0/8,!10.1.0.0/16,*.example.com\",principals=\"alice,bob\",expiry-time=\"20300101Z\","
                + "expiry-time=\"20290101Z\",environment=\"A=b c\",environment=\"A=d\",permitopen=\"[::1]:22\","
                + "permitopen=\"db:*\",permitlisten=\"8080\",tunnel=\"3\"")
        #expect(options.isRestricted && options.permitsPTY && !options.permitsPortForwarding)
        #expect(!options.permitsUserRC && !options.permitsX11Forwarding && !options.permitsAgentForwarding)
        #expect(!options.requiresTouch && options.requiresVerification && !options.isCertAuthority)
        #expect(options.command == "echo \"a, b\"" && options.principals == "alice,bob")
        #expect(options.expiryTime == UnixTime(1_861_920_000))
        #expect(options.environment.map(\.name) == ["A"] && options.environment.map(\.value) == ["b c"])
        #expect(options.permitOpen == [.init(host: "::1", port: 22), .init(host: "db", port: nil)])
        #expect(options.permitListen == [.init(host: "*", port: 8080)] && options.tunnel == .number(3))
        #expect(try AuthorizedKeysOptions(text: options.description) == options)
        #expect(options.permits(host: "web.example.com", address: "192.0.2.1"))
        #expect(
            options.permits(host: "x", address: "10.2.0.1")
                && !options.permits(host: "x", address: "10.1.0.1"))
        #expect(!options.permits(host: "web.example.com", address: "10.1.0.1"))
        #expect(!options.permits(host: "web.example.com", address: "nonsense"))
        let line = try AuthorizedKeysLine(settings: options, key: try Vector.key("ed25519"))
        #expect(try AuthorizedKeysLine.parse(line.text)?.settings() == options)
    }

    @Test func `count in the order in which they stand`() throws {
        #expect(try !AuthorizedKeysOptions(text: "pty,restrict").permitsPTY)
        #expect(try AuthorizedKeysOptions(text: "restrict,no-pty,pty").permitsPTY)
        #expect(try AuthorizedKeysOptions(text: "").description.isEmpty)
    }

    @Test(arguments: [
        ("frob", AuthorizedKeysError.unknownOption("frob")), ("restrictx", .unknownOption("x")),
        ("no-restrict", .unknownOption("no-restrict")),
        ("command=x", .badOption("command")), ("command=\"a\",command=\"b\"", .repeatedOption("command")),
        ("from=\"a\",FROM=\"b\"", .repeatedOption("from")),
        ("expiry-time=\"2030\"", .badOption("expiry-time")),
        ("environment=\"A\"", .badOption("environment")),
        ("environment=\"A-B=c\"", .badOption("environment")),
        ("permitopen=\"22\"", .badOption("permitopen")), ("permitopen=\"a:0\"", .badOption("permitopen")),
        ("permitopen=\"a:65536\"", .badOption("permitopen")), ("tunnel=\"x\"", .badOption("tunnel")),
        ("command=\"a", .malformed("options")), ("pty pty", .malformed("options")),
    ])
    func `are refused for what is wrong with them`(_ text: String, _ error: AuthorizedKeysError) {
        #expect(throws: error) { try AuthorizedKeysOptions(text: text) }
    }

    @Test(.enabled(if: RealSSHD.isAvailable), arguments: [1, 2, 3] as [UInt64])
    func `N07 random lines are taken and refused as sshd does`(_ seed: UInt64) throws {
        var random = Randomness(seed: seed)
        let keys = try (1...3).map {
            try PrivateKey(ed25519Seed: [UInt8](repeating: $0, count: 32)).publicKey.text()
        }
        let lines = (0..<800).map { _ in Self.line(&random, keys) }
        let taken = try RealSSHD().takes(lines)
        for (line, isTaken) in zip(lines, taken) {
            let ours = Result { try AuthorizedKeysLine.parse(line)?.settings() }
            #expect(((try? ours.get()) != nil) == isTaken, "seed \(seed) \(line) \(ours)")
        }
    }

    private static func line(_ random: inout Randomness, _ keys: [String]) -> String {
        let flags = [
            "restrict", "cert-authority", "no-pty", "pty", "port-forwarding", "no-X11-forwarding", "user-rc",
            "Agent-Forwarding", "no-touch-required", "verify-required", "no-restrict", "frob", "",
        ]
        let values = [
            "command", "from", "principals", "environment", "permitopen", "permitlisten", "expiry-time",
            "tunnel",
        ]
        let words = [
            "a", "a:1", "[::1]:22", "*:*", "22", "A=b", "A_1=", "=b", "20300101", "20300101120000Z",
            "203001011",
            "10.0.0.0/8", "any", "7", "\\\"", "b c", ",", "é", "", "a:0", "x/9", "20301301Z",
        ]
        let options = (0..<random.number(0...3)).map { _ -> String in
            if random.flip() { return flags[random.number(0...flags.count - 1)] }
            let value = (0..<random.number(1...5) / 3 + 1).map { _ in
                words[random.number(0...words.count - 1)]
            }
            return "\(values[random.number(0...values.count - 1)])=\"\(value.joined())\""
        }
        let blank = [" ", " ", " ", "\t", "  ", "\u{a0}", ""][random.number(0...6)]
        let key = keys[random.number(0...keys.count - 1)]
        let damaged = random.number(0...9) == 0 ? key.replacing("ssh-ed25519", with: "ssh-rsa") : key
        return (options.isEmpty ? "" : options.joined(separator: ",") + blank) + damaged
    }
}

@Suite struct `Strange lines of known_hosts` {
    @Test func `N07 are read as ssh-keygen -F reads them`() throws {
        let key = try Vector.key("ed25519").text()
        let lines = [
            "web \(key)", "@revoked web \(key)", "@cert-authority web \(key)",
            "@revoked @cert-authority web \(key)",
            "@revoked\tweb \(key)", "@revoked\tweb\t\(key.replacing(" ", with: "\t"))",
            "@revoked  web \(key)",
            "@Revoked web \(key)", "@ web \(key)", "@revoked web", "web\u{a0}\(key)", "web,\u{a0} \(key)",
            "web \(key.replacing("ssh-ed25519", with: "ssh-rsa"))", "web\t\(key)", " web \(key)",
            "web,,other \(key)",
            "web \(key)x", "web \(key) a comment", "!web,web \(key)", "web ", "web", "*,!web \(key)",
            "WEB \(key)",
            "web ecdsa-sha2-nistp384 \(try Vector.key("ecdsa").text().split(separator: " ")[1])",
            "web \(try Vector.key("ecdsa521").text())",
        ]
        let keygen = try SSHKeygen()
        for line in lines {
            try keygen.write(line + "\n", to: "known")
            let theirs = try keygen.run(["-l", "-F", "web", "-f", "known"]).output
            let ours = try? KnownHostsLine.parse(line)
            let isFound = theirs.contains("# Host web found")
            #expect((ours?.matches("web") == true) == isFound, "\(line)")
            #expect((ours?.marker == .revoked) == theirs.contains("REVOKED"), "\(line)")
            #expect((ours?.marker == .certAuthority) == theirs.contains("line 1 CA"), "\(line)")
        }
    }

    @Test func `with names hashed here are found by ssh-keygen -F`() throws {
        var random = Randomness(seed: 9)
        let keygen = try SSHKeygen()
        let name = try KnownHostsLine.hashed("[Web2.example.com]:2222", salt: random.bytes(20))
        let line = try KnownHostsLine(hosts: [name], key: try Vector.key("ed25519"))
        #expect(line.matches("[web2.example.com]:2222") && !line.matches("web2.example.com"))
        try keygen.write(line.text + "\n", to: "known")
        #expect(try keygen.run(["-F", "[web2.example.com]:2222", "-f", "known"]).status == 0)
        #expect(throws: KeyError.badLength(3, expected: 20)) {
            try KnownHostsLine.hashed("a", salt: [1, 2, 3])
        }
        #expect(throws: KeyError.malformed("host name")) {
            try KnownHostsLine.hashed("a b", salt: random.bytes(20))
        }
    }
}
