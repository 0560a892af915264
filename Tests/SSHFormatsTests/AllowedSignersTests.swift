import SSHFormats
import Testing

@Suite struct `A line of allowed_signers` {
    @Test func `is read with all its options`() throws {
        let line = try #require(
            try AllowedSignersLine.parse(
                "alice@example.com,*@ops CERT-AUTHORITY,namespaces=\"file,git\",valid-after=\"20240102Z\","
                    + "valid-before=\"20240102030405UTC\" \(try Vector.text("ed25519.pub"))"))
        #expect(line.principals == "alice@example.com,*@ops" && line.isCertAuthority)
        #expect(line.namespaces == "file,git")
        #expect(line.validAfter == UnixTime(1_704_153_600) && line.validBefore == UnixTime(1_704_164_645))
        #expect(try line.key == .key(Vector.key("ed25519")))
        #expect(line.speaks(for: "x@ops") && !line.speaks(for: "x@OPS"))
        #expect(line.permits(namespace: "git") && !line.permits(namespace: "mail"))
        #expect(try AllowedSignersLine.parse(line.text) == line)
    }

    @Test func `takes dates without Z in the reader's time`() throws {
        let text = "alice valid-after=\"202401020100\" \(try Vector.text("ed25519.pub"))"
        let line = try AllowedSignersLine.parse(text, utcOffset: 3600)
        #expect(line?.validAfter == UnixTime(1_704_153_600))
    }

    @Test func `may quote its principals`() throws {
        let line = try AllowedSignersLine.parse("\"alice smith\" \(try Vector.text("ed25519.pub"))")
        #expect(line?.principals == "alice smith")
        #expect(try line.flatMap { try AllowedSignersLine.parse($0.text) } == line)
    }

    @Test(arguments: [
        ("alice", AllowedSignersError.malformed("key")),
        ("\"alice", .malformed("quotation mark")),
        ("alice namespaces=file KEY", .badOption("namespaces")),
        ("alice namespaces=\"a\",namespaces=\"b\" KEY", .repeatedOption("namespaces")),
        ("alice valid-after=\"1969\" KEY", .badOption("valid-after")),
        ("alice valid-after=\"20240102Z\",valid-before=\"20240102Z\" KEY", .emptyValidity),
        ("alice no-touch-required KEY", .unknownOption("no-touch-required")),
        ("alice cert-authority, KEY", .malformed("options")),
    ])
    func `is refused for what is wrong with it`(_ text: String, _ error: AllowedSignersError) throws {
        let key = try Vector.text("ed25519.pub")
        #expect(throws: error) {
            try AllowedSignersLine.parse(text.replacing("KEY", with: key))
        }
    }
}

@Suite struct `Allowed signers against ssh-keygen` {
    /// Names and patterns of few letters, so that there are matches.
    private static func name(_ random: inout Randomness) -> String {
        let letters = ["a", "b", "*", "?", "@"]
        return (0..<random.number(1...3)).map { _ in letters[random.number(0...4)] }.joined()
    }

    private static func option(_ random: inout Randomness) -> String {
        let dates = ["20200101", "20200101Z", "203001010000Z", "20300101000000", "20240231", "2024", "x", ""]
        let date = dates[random.number(0...dates.count - 1)]
        switch random.number(0...7) {
        case 0: return "cert-authority"
        case 1, 2: return "namespaces=\"\(["file", "git", "f*,!file", "a\\\"b", ""][random.number(0...4)])\""
        case 3, 4: return "valid-after=\"\(date)\""
        case 5, 6: return "valid-before=\"\(date)\""
        default: return ["zz", "namespaces=file", "valid-after", "Cert-Authority", ""][random.number(0...4)]
        }
    }

    private static func line(_ random: inout Randomness, _ keys: [String]) -> String {
        var names = (0..<random.number(1...3)).map { _ in
            (random.number(0...5) == 0 ? "!" : "") + name(&random)
        }.joined(separator: ",")
        if random.number(0...9) == 0 { names = "\"\(names) x\"" }
        let options = (0..<max(0, random.number(-2...2))).map { _ in option(&random) }
        let key = keys[random.number(0...keys.count - 1)]
        return ([names] + (options.isEmpty ? [] : [options.joined(separator: ",")]) + [key])
            .joined(separator: random.number(0...9) == 0 ? "\t " : " ")
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `random files allow what they allow there`(_ seed: UInt64) throws {
        var random = Randomness(seed: seed)
        let keygen = try SSHKeygen()
        let signers = ["ed25519", "ecdsa"]
        let keys = try signers.map { String(try Vector.text("\($0).pub").dropLast()) }
        let signature = try SSHSIG.sign(
            `A signature over a message`.message, namespace: "file", with: try Vector.privateKey("ed25519"))
        try keygen.write(signature.armoured, to: "sig")
        try keygen.write(`A signature over a message`.message, to: "message")
        for _ in 0..<60 {
            let text = (0..<random.number(1...4)).map { _ in Self.line(&random, keys) + "\n" }.joined()
            try keygen.write(text, to: "allowed")
            let file = try AllowedSigners(text: text)
            let principal = random.text(1...2, of: 0x61...0x62)
            let now = UnixTime(1_800_000_000)
            let date = ["-Overify-time=20270115080000Z"]
            let verified = try keygen.run(
                ["-Y", "verify", "-n", "file", "-s", "sig", "-f", "allowed", "-I", principal] + date,
                input: "message")
            let ours = Result {
                try file.verify(
                    signature, over: `A signature over a message`.message, namespace: "file",
                    principal: principal, at: now)
            }
            #expect((verified.status == 0) == ((try? ours.get()) != nil), "seed \(seed)\n\(text)\(principal)")
            let found = try keygen.run(["-Y", "find-principals", "-s", "sig", "-f", "allowed"] + date)
            // What is wrong with a line is said before the names.
            let names = file.principals(of: signature.signer, at: now) ?? []
            let theirs = found.output.split(whereSeparator: \.isNewline).suffix(names.count).map(String.init)
            #expect((found.status == 0) == !names.isEmpty && names == theirs, "seed \(seed)\n\(text)")
        }
    }

    @Test func `match-principals finds the patterns that we find`() throws {
        var random = Randomness(seed: 5)
        let keygen = try SSHKeygen()
        let keys = [String(try Vector.text("ed25519.pub").dropLast())]
        for _ in 0..<60 {
            let lines = (0..<random.number(1...4)).map { _ in Self.line(&random, keys) }
            let file = try AllowedSigners(text: lines.map { $0 + "\n" }.joined())
            guard file.faults.isEmpty else { continue }
            try keygen.write(file.text, to: "allowed")
            let principal = random.text(1...2, of: 0x61...0x62)
            let found = try keygen.run(["-Y", "match-principals", "-f", "allowed", "-I", principal])
            let theirs = found.status == 0 ? found.output.split(separator: "\n").map(String.init) : []
            #expect(file.patterns(for: principal) == theirs, "\(file.text)\(principal)")
        }
    }
}
