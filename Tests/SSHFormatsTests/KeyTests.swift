import SSHFormats
import Testing

@Suite struct `A public key` {
    @Test(arguments: [
        "ed25519", "ecdsa", "ecdsa-384", "ecdsa384", "ecdsa521", "rsa", "rsa-2048", "rsa-1024", "sk-ed25519",
        "sk-ecdsa",
    ])
    func `has the size and fingerprint that ssh-keygen -l prints`(_ name: String) throws {
        let key = try Vector.key(name)
        let line = "\(key.bits) \(key.fingerprint) \(name) (\(key.type.shortName))"
        #expect(try Vector.text("fingerprints.txt").split(separator: "\n").contains(Substring(line)))
        #expect(try key.text(comment: name) + "\n" == Vector.text("\(name).pub"))
    }

    @Test func `C09 of DSA is refused by its name`() throws {
        #expect(throws: KeyError.dsa) { try Vector.key("dsa") }
    }

    @Test func `C09 of RSA below 3,072 bits can be read but is too weak`() throws {
        #expect(throws: KeyError.tooWeak(bits: 1024)) { try Vector.key("rsa-1024").checkStrength() }
        #expect(throws: KeyError.tooWeak(bits: 2048)) { try Vector.key("rsa-2048").checkStrength() }
        for name in ["rsa", "ed25519", "ecdsa", "ecdsa384", "ecdsa521", "sk-ecdsa", "sk-ed25519"] {
            try Vector.key(name).checkStrength()
        }
    }

    @Test func `C09 of RSA with impossible numbers is refused`() throws {
        let odd = [0xc0] + [UInt8](repeating: 1, count: 383)
        let even = odd.dropLast() + [2]
        let cases: [(exponent: [UInt8], modulus: [UInt8], bits: Int)] = [
            ([1, 0, 0], odd, 3072), ([1, 0, 1], Array(even), 3072),
            ([1, 0, 1], [], 0), ([1, 0, 1], [0xc1], 8), ([1, 0, 1], odd.suffix(127) + [], 1009),
        ]
        for (exponent, modulus, bits) in cases {
            #expect(throws: KeyError.badRSA(bits: bits)) { try PublicKey(blob: Self.rsa(exponent, modulus)) }
        }
        for exponent in [[], [1]] as [[UInt8]] {
            #expect(throws: KeyError.smallExponent) { try PublicKey(blob: Self.rsa(exponent, odd)) }
        }
        let long = [UInt8](repeating: 0x7f, count: 4096)
        #expect(throws: KeyError.wire(.tooLong(4096, limit: 2049))) {
            try PublicKey(blob: Self.rsa([1, 0, 1], long))
        }
        #expect(throws: KeyError.wire(.tooLong(16, limit: 9))) {
            try PublicKey(blob: Self.rsa(long.suffix(16) + [], odd))
        }
        #expect(throws: KeyError.smallExponent) { try PublicKey(blob: Self.rsa([3], odd)).checkStrength() }
        #expect(throws: KeyError.tooLarge(bits: 16_383)) {
            try PublicKey(blob: Self.rsa([1, 0, 1], long.suffix(2048) + [])).checkStrength()
        }
        let threes = [0xc0] + [UInt8](repeating: 0, count: 382) + [3]
        #expect(throws: KeyError.smallFactor(3)) {
            try PublicKey(blob: Self.rsa([1, 0, 1], threes)).checkStrength()
        }
    }

    @Test(arguments: [("close", KeyError.closeFactors), ("near", .closeFactors), ("roca", .roca)])
    func `C09 of RSA whose factors can be found is too weak`(_ name: String, _ error: KeyError) throws {
        #expect(throws: error) { try Vector.key(name).checkStrength() }
    }

    @Test func `C09 of RSA made well is never taken for one whose factors can be found`() throws {
        for _ in 0..<5 { try PrivateKey.generate(.rsa3072).publicKey.checkStrength() }
    }

    @Test(arguments: ["nistp256", "nistp384", "nistp521"])
    func `C09 at infinity, off its curve or in compressed form is refused`(_ curve: String) throws {
        let name = ["nistp256": "ecdsa", "nistp384": "ecdsa384", "nistp521": "ecdsa521"][curve] ?? ""
        let size = (try Vector.key(name).bits + 7) / 8
        let point = try Vector.key(name).blob.suffix(1 + 2 * size)
        let off = Array(point.dropLast() + [(point.last ?? 0) ^ 1])
        let zeros = [4] + [UInt8](repeating: 0, count: 2 * size)
        let outOfField = [4] + [UInt8](repeating: 0xff, count: 2 * size)
        for bad in [[0], off, zeros, outOfField, [2] + point.dropFirst().prefix(size), []] as [[UInt8]] {
            var writer = WireWriter()
            writer.string("ecdsa-sha2-\(curve)")
            writer.string(curve)
            writer.string(bad)
            #expect(throws: KeyError.badPoint) { try PublicKey(blob: writer.bytes) }
        }
    }

    @Test func `C09 of small order is too weak`() throws {
        var writer = WireWriter()
        writer.string("ssh-ed25519")
        writer.string([1] + [UInt8](repeating: 0, count: 31))
        #expect(throws: KeyError.smallOrder) { try PublicKey(blob: writer.bytes).checkStrength() }
    }

    @Test(arguments: ["ed25519", "ecdsa", "ecdsa384", "ecdsa521", "rsa", "sk-ed25519", "sk-ecdsa"])
    func `C08 is refused when cut at any byte or with bytes after it`(_ name: String) throws {
        let blob = try Vector.key(name).blob
        for count in blob.indices {
            #expect(throws: KeyError.self) { try PublicKey(blob: blob.prefix(count)) }
        }
        #expect(throws: KeyError.wire(.trailing(1))) { try PublicKey(blob: blob + [0]) }
    }

    @Test func `on another curve is refused`() throws {
        var writer = WireWriter()
        writer.string("ecdsa-sha2-nistp256")
        writer.string("nistp384")
        writer.string(try Vector.key("ecdsa").blob.suffix(65))
        #expect(throws: KeyError.wrongCurve("nistp384")) { try PublicKey(blob: writer.bytes) }
    }

    @Test func `line is one line with one canonical Base64`() throws {
        let text = try Vector.key("ed25519").text()
        #expect(try PublicKey(text: "  \(text)\t a comment \r\n") == Vector.key("ed25519"))
        #expect(throws: KeyError.malformed("one line")) { try PublicKey(text: text + "\nssh-ed25519 x") }
        #expect(throws: KeyError.malformed("one line")) { try PublicKey(text: text + "\u{0}") }
        #expect(throws: KeyError.malformed("type and Base64")) { try PublicKey(text: "ssh-ed25519") }
        #expect(throws: KeyError.wire(.notBase64)) { try PublicKey(text: text + "=") }
        #expect(throws: KeyError.wire(.notBase64)) { try PublicKey(text: String(text.dropLast()) + "-") }
        let other = "ssh-rsa" + text.dropFirst("ssh-ed25519".count)
        #expect(throws: KeyError.typeMismatch(named: "ssh-rsa", inside: "ssh-ed25519")) {
            try PublicKey(text: other)
        }
        #expect(!((try Vector.key("rsa").text(comment: "a\nb")).utf8.contains(10)))
    }

    @Test func `fingerprint is one canonical text`() throws {
        let print = try Vector.key("rsa").fingerprint
        #expect(try Fingerprint(text: print.description) == print)
        #expect(throws: KeyError.malformed("SHA256: before the fingerprint")) {
            try Fingerprint(text: "MD5:aa")
        }
        #expect(throws: KeyError.wire(.notBase64)) { try Fingerprint(text: print.description + "=") }
        #expect(throws: KeyError.badLength(0, expected: 32)) { try Fingerprint(text: "SHA256:") }
    }

    private static func rsa(_ exponent: [UInt8], _ modulus: [UInt8]) -> [UInt8] {
        var writer = WireWriter()
        writer.string("ssh-rsa")
        writer.mpint(exponent)
        writer.mpint(modulus)
        return writer.bytes
    }
}

@Suite struct `Keys against ssh-keygen` {
    @Test func `a thousand random ones are printed by ssh-keygen -l and -e as we read them`() throws {
        let seed: UInt64 = 4
        var random = Randomness(seed: seed)
        let keys = try (0..<1000).map { index in
            switch index % 6 {
            case 0: try PrivateKey.generate(.ecdsaP256)
            case 1: try PrivateKey.generate(.ecdsaP384)
            case 2: try PrivateKey.generate(.ecdsaP521)
            default: try PrivateKey(ed25519Seed: random.bytes(32))
            }
        }.map(\.publicKey)
        let keygen = try SSHKeygen()
        try keygen.write(keys.map { $0.text(comment: "c") + "\n" }.joined(), to: "many")
        let expected = keys.map { "\($0.bits) \($0.fingerprint) c (\($0.type.shortName))\n" }.joined()
        #expect(try keygen.run(["-l", "-f", "many"]).output == expected, "seed \(seed)")
        for key in keys.prefix(20) {
            try keygen.write(key.text() + "\n", to: "one")
            let body = try keygen.run(["-e", "-f", "one"]).output.split(separator: "\n")
                .filter { !$0.contains("-") && !$0.contains(":") }.joined()
            #expect(key.text() == "\(key.type.name) \(body)")
        }
    }

    @Test(arguments: ["ed25519", "ecdsa", "ecdsa384", "ecdsa521", "rsa"])
    func `key files of ssh-keygen are read, and ours are read by ssh-keygen`(_ name: String) throws {
        let key = try Vector.privateKey(name)
        #expect(try key.publicKey == Vector.key(name))
        let keygen = try SSHKeygen()
        try keygen.write(key.openSSHText(comment: name), to: "key")
        #expect(try keygen.run(["-y", "-f", "key"]).output == Vector.text("\(name).pub"))
        #expect(try PrivateKey(openSSH: key.openSSHText()).publicKey == key.publicKey)
    }

    @Test(arguments: PrivateKey.GenerableKind.allCases)
    func `key files of ours are read by ssh-keygen`(_ kind: PrivateKey.GenerableKind) throws {
        let key = try Keys.of(kind)
        let keygen = try SSHKeygen()
        try keygen.write(key.openSSHText(comment: "new"), to: "key")
        #expect(try keygen.run(["-y", "-f", "key"]).output == key.publicKey.text(comment: "new") + "\n")
    }
}

@Suite struct `A private key` {
    @Test(arguments: PrivateKey.GenerableKind.allCases)
    func `makes signatures that its public half takes, over these bytes only`(
        _ kind: PrivateKey.GenerableKind
    ) throws {
        let key = try Keys.of(kind)
        let signature = try Signature(blob: try key.sign([1, 2, 3]).blob)
        try key.publicKey.verify(signature, over: [1, 2, 3])
        #expect(throws: SignatureError.invalid) { try key.publicKey.verify(signature, over: [1, 2, 4]) }
    }

    @Test func `is never printed`() throws {
        let key = try PrivateKey(ed25519Seed: [UInt8](repeating: 65, count: 32))
        var dumped = ""
        dump(key, to: &dumped)
        #expect("\(key)" == "‹redacted›")
        #expect(String(reflecting: key) == "‹redacted›")
        #expect(!dumped.contains("65"))
        #expect(key.ed25519Seed == [UInt8](repeating: 65, count: 32))
    }

    @Test func `behind a passphrase is refused by the cipher's name`() throws {
        #expect(throws: KeyError.encrypted("aes256-ctr")) { try Vector.privateKey("locked") }
    }

    @Test func `in a FIDO token is not here`() throws {
        #expect(throws: KeyError.refused("the private half lives in a FIDO token")) {
            try Vector.privateKey("sk-ed25519")
        }
    }

    @Test(arguments: ["ed25519", "ecdsa", "ecdsa521", "rsa"])
    func `C08 file with any byte changed never gives another key`(_ name: String) throws {
        let text = try Vector.text(name)
        let key = try PrivateKey(openSSH: text).publicKey
        for index in stride(from: 0, to: text.utf8.count, by: name == "rsa" ? 37 : 1) {
            var bytes = Array(text.utf8)
            bytes[index] = bytes[index] == 0x41 ? 0x42 : 0x41
            guard let read = try? PrivateKey(openSSH: String(decoding: bytes, as: UTF8.self)) else {
                continue
            }
            #expect(read.publicKey == key)
        }
        for count in 0..<text.utf8.count - 1 {
            #expect(throws: KeyError.self) { try PrivateKey(openSSH: String(text.prefix(count))) }
        }
    }
}

@Suite struct `A signature` {
    @Test(arguments: ["user", "ecdsa-by-rsa", "rsa-by-ecdsa", "by-sk-ed25519", "by-sk-ecdsa"])
    func `C08 is refused when cut at any byte or with bytes after it`(_ name: String) throws {
        let blob = try Vector.certificate(name).signature.blob
        #expect(try Signature(blob: blob).blob == blob)
        for count in blob.indices {
            #expect(throws: SignatureError.self) { try Signature(blob: blob.prefix(count)) }
        }
        #expect(throws: SignatureError.wire(.trailing(1))) { try Signature(blob: blob + [0]) }
    }

    @Test func `by a FIDO token carries its flags and counter, and holds only with them`() throws {
        let certificate = try Vector.certificate("by-sk-ed25519")
        let good = certificate.signature
        #expect(good.userPresent)
        #expect(good.counter != nil)
        let changed = try Signature(
            algorithm: good.algorithm, bytes: good.bytes, flags: (good.flags ?? 0) ^ 4, counter: good.counter)
        #expect(throws: SignatureError.invalid) {
            try certificate.signatureKey.verify(changed, over: certificate.signedBytes)
        }
    }

    @Test(arguments: ["ssh-rsa", "ssh-dss", "rsa-sha2-256-cert-v01@openssh.com", ""])
    func `by an algorithm that does not count is refused`(_ name: String) {
        #expect(throws: SignatureError.refusedAlgorithm(name)) { try Signature(algorithm: name, bytes: [1]) }
    }

    @Test func `by RSA of 1,024 bits cannot be checked`() throws {
        let signature = try Signature(algorithm: "rsa-sha2-512", bytes: [UInt8](repeating: 1, count: 128))
        #expect(throws: SignatureError.unusableKey) {
            try Vector.key("rsa-1024").verify(signature, over: [1])
        }
    }

    @Test func `of Ed25519 has 64 bytes`() {
        #expect(throws: SignatureError.badLength(63)) {
            try Signature(algorithm: "ssh-ed25519", bytes: [UInt8](repeating: 1, count: 63))
        }
    }
}
