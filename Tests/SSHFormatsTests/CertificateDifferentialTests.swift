import Foundation
import SSHFormats
import Testing

@Suite struct `Certificates against ssh-keygen` {
    /// 700 certificates each: a million in `make soak`.
    private static let seeds: ClosedRange<UInt64> =
        ProcessInfo.processInfo.environment["KEYREEVE_SOAK"] == nil ? 1...2 : 1...1429

    @Test(arguments: seeds)
    func `C07 thousands of random ones of ours are listed by ssh-keygen -L as we read them`(
        _ seed: UInt64
    ) throws {
        var random = Randomness(seed: seed)
        let certificates = try (0..<700).map { _ in try Self.certificate(&random) }
        for certificate in certificates {
            let again = try Certificate(text: certificate.text())
            #expect(again == certificate, "seed \(seed)")
            #expect(
                try CertificateDraft(parsingToBeSigned: again.signedBytes).toBeSigned.elementsEqual(
                    again.signedBytes))
        }
        let keygen = try SSHKeygen()
        try keygen.write(certificates.map { $0.text() + "\n" }.joined(), to: "many")
        let (output, status) = try keygen.run(["-L", "-f", "many"])
        let listings = output.split(separator: "\n").filter { !$0.hasPrefix("many:") }
        #expect(status == 0)
        #expect(
            listings == certificates.flatMap { $0.listing.split(separator: "\n") }, "seed \(seed)")
    }

    @Test func `C07 random ones of ssh-keygen are read as ssh-keygen -L lists them`() throws {
        let seed: UInt64 = 3
        var random = Randomness(seed: seed)
        let keygen = try SSHKeygen()
        for name in Self.names {
            try keygen.write(try Vector.text(name), to: name)
            try keygen.write(try Vector.text("\(name).pub"), to: "\(name).pub")
        }
        var lines = ""
        for _ in 0..<100 {
            let subject = Self.names.randomElement(using: &random) ?? "ed25519"
            let (output, status) = try keygen.run(Self.arguments(&random) + ["\(subject).pub"])
            try #require(status == 0, "\(output) seed \(seed)")
            lines += try keygen.text("\(subject)-cert.pub")
        }
        try keygen.write(lines, to: "many")
        let listings = try keygen.run(["-L", "-f", "many"]).output.split(separator: "\n")
            .filter { !$0.hasPrefix("many:") }
        let certificates = try lines.split(separator: "\n").map { try Certificate(text: String($0)) }
        #expect(certificates.flatMap { $0.listing.split(separator: "\n") } == listings, "seed \(seed)")
        for certificate in certificates {
            try certificate.verifySignature()
            #expect(
                try CertificateDraft(parsingToBeSigned: certificate.signedBytes).toBeSigned.elementsEqual(
                    certificate.signedBytes))
        }
    }

    private static let names = ["ed25519", "ecdsa", "ecdsa384", "ecdsa521", "rsa"]

    private static func certificate(_ random: inout Randomness) throws -> Certificate {
        var sample = try Sample()
        if random.number(0...9) == 0 { sample.authority = try PrivateKey(ed25519Seed: random.bytes(32)) }
        sample.publicKey = try key(&random)
        sample.kind = random.flip() ? .user : .host
        sample.serial = random.serial()
        sample.keyID = random.text(0...200, of: 0x20...0x7e) + (random.flip() ? "é字" : "")
        sample.principals = try (0..<random.number(1...9)).map { _ in try principal(&random) }
        let times = [UInt64(random.number(1...0x7fff_fffe)), UInt64(random.number(1...0x7fff_fffe))].sorted()
        sample.after = random.number(0...4) == 0 ? 0 : times[0]
        sample.before = random.number(0...4) == 0 ? .max : times[1] + 1
        sample.nonce = random.bytes(32)
        sample.criticalOptions = try demands(&random)
        sample.extensions = try permissions(&random)
        return try sample.certificate()
    }

    private static func key(_ random: inout Randomness) throws -> PublicKey {
        switch random.number(0...9) {
        case 0: try Vector.key("rsa")
        case 1: try Vector.key("sk-ecdsa")
        case 2: try Vector.key("sk-ed25519")
        case 3: try PrivateKey.generate(.ecdsaP384).publicKey
        case 4: try PrivateKey.generate(.ecdsaP521).publicKey
        case 5: try PrivateKey.generate(.ecdsaP256).publicKey
        default: try PrivateKey(ed25519Seed: random.bytes(32)).publicKey
        }
    }

    private static func principal(_ random: inout Randomness) throws -> String {
        random.text(1...40).filter { !",\"'`".contains($0) } + "x"
    }

    private static func demands(_ random: inout Randomness) throws -> CriticalOptions {
        var demands = CriticalOptions.none
        if random.flip() { demands.forceCommand = random.text(0...80, of: 0x20...0x7e) }
        if random.flip() {
            let all = ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "::1"]
            demands.sourceAddress = try SourceAddresses(all.filter { _ in random.flip() })
        }
        demands.verifyRequired = random.flip()
        for _ in 0..<random.number(0...2) {
            try? demands.add(
                try CertificateOption(name: random.text(1...30), data: random.bytes(random.number(0...40))))
        }
        return demands
    }

    private static func permissions(_ random: inout Randomness) throws -> Extensions {
        var permissions = Extensions(
            permitX11Forwarding: random.flip(), permitAgentForwarding: random.flip(),
            permitPortForwarding: random.flip(), permitPTY: random.flip(), permitUserRC: random.flip(),
            noTouchRequired: random.flip())
        for _ in 0..<random.number(0...3) {
            try? permissions.add(
                try CertificateOption(name: random.text(1...30), data: random.bytes(random.number(0...40))))
        }
        return permissions
    }

    private static func arguments(_ random: inout Randomness) -> [String] {
        let authority = names.randomElement(using: &random) ?? "ed25519"
        let letters: ClosedRange<UInt8> = 0x61...0x7a
        let names = (0..<random.number(1...5)).map { _ in random.text(1...20, of: letters) }
        var arguments = ["-q", "-s", authority, "-I", random.text(1...60), "-z", String(random.serial())]
        arguments += ["-n", names.joined(separator: ",")]
        let start = random.number(1...0x7000_0000)
        let end = start + random.number(1...1_000_000)
        arguments += [
            "-V",
            random.flip() ? "0x\(String(start, radix: 16)):0x\(String(end, radix: 16))" : "always:forever",
        ]
        if random.flip() { return arguments + ["-h"] }
        let options = [
            "clear", "no-pty", "no-x11-forwarding", "no-touch-required", "verify-required",
            "force-command=\(random.text(1...30, of: 0x20...0x7e))", "source-address=10.0.0.0/8,::1",
            "critical:\(random.text(1...9, of: letters))@x",
            "extension:\(random.text(1...9, of: letters))@x=value",
        ]
        for option in options where random.flip() { arguments += ["-O", option] }
        return arguments
    }
}
