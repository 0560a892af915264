import SSHFormats
import Testing

@Suite struct `A revocation list` {
    @Test(arguments: Vector.lists)
    func `made by OpenSSH says what ssh-keygen -Q -l says of it`(_ name: String) throws {
        let krl = try KRL(bytes: try Vector.bytes("\(name).krl"))
        let text = try Vector.text("\(name).krl.txt")
        #expect(text.hasPrefix("# KRL version \(krl.version)\n"))
        #expect(try krl.listing == Listed(text))
        #expect(try KRL(bytes: krl.encoded()) == krl)
    }

    @Test func `revokes by serial, range, key ID, key and fingerprint, and nothing else`() throws {
        let (user, host, other) = (
            try Vector.certificate("user"), try Vector.certificate("host"),
            try Vector.certificate("ecdsa-by-rsa")
        )
        let authority = user.signatureKey
        #expect(try Self.list { try $0.revoke(serial: 1, by: authority) }.revokes(user))
        #expect(try !Self.list { try $0.revoke(serial: 1, by: authority) }.revokes(host))
        #expect(try Self.list { try $0.revoke(serials: 2...8, by: authority) }.revokes(host))
        #expect(try !Self.list { try $0.revoke(serials: 1...(.max), by: authority) }.revokes(other))
        #expect(try Self.list { try $0.revoke(keyID: "alice@laptop", by: authority) }.revokes(user))
        #expect(try !Self.list { try $0.revoke(keyID: "alice", by: authority) }.revokes(user))
        #expect(try Self.list { $0.revoke(key: host.publicKey) }.revokes(host))
        #expect(try Self.list { $0.revoke(key: host.publicKey) }.revokes(key: host.publicKey))
        #expect(try Self.list { $0.revoke(fingerprint: host.fingerprint) }.revokes(host))
        #expect(try Self.list { $0.revoke(key: other.signatureKey) }.revokes(other))
    }

    @Test func `says by what it revokes, under every authority too`() throws {
        let user = try Vector.certificate("ecdsa-by-rsa")
        let authority = user.signatureKey
        let hash: [UInt8] = Array(user.fingerprint.bytes.prefix(20))
        #expect(try Self.list { try $0.revoke(serial: .max, by: nil) }.reason(for: user) == .serial)
        #expect(try Self.list { try $0.revoke(keyID: user.keyID, by: nil) }.reason(for: user) == .keyID)
        #expect(try Self.list { $0.revoke(key: authority) }.reason(for: user) == .authority)
        #expect(
            try Self.list { $0.revoke(fingerprint: authority.fingerprint) }.reason(for: user) == .authority)
        #expect(try Self.list { $0.revoke(key: user.publicKey) }.reason(for: user) == .key)
        #expect(try Self.list { $0.revoke(fingerprint: user.fingerprint) }.reason(for: user) == .hash)
        #expect(try Self.list { try $0.revoke(sha1: hash) }.reason(for: user) == nil)
        #expect(throws: KRLError.badHash(3)) { try Self.list { try $0.revoke(sha1: [1, 2, 3]) } }
        let keygen = try SSHKeygen()
        try keygen.write(user.text() + "\n", to: "user-cert.pub")
        for revoke in [
            { try $0.revoke(serial: .max, by: nil) }, { $0.revoke(fingerprint: user.fingerprint) },
            { $0.revoke(fingerprint: authority.fingerprint) },
        ] as [(inout KRLBuilder) throws -> Void] {
            try keygen.write(try Self.list(revoke).encoded(), to: "krl")
            #expect(try keygen.run(["-Q", "-f", "krl", "user-cert.pub"]).status == 1)
        }
    }

    @Test func `is read over extensions, but not over those that must be understood`() throws {
        let list = try Self.list { try $0.revoke(serial: 1, by: nil) }
        let make = { (isCritical: UInt8) in
            var writer = WireWriter()
            writer.raw(list.encoded())
            writer.byte(255)
            writer.string {
                $0.string("x@example.com")
                $0.byte(isCritical)
                $0.string("")
            }
            return writer.bytes
        }
        #expect(try KRL(bytes: make(0)) == list)
        #expect(throws: KRLError.criticalExtension("x@example.com")) { try KRL(bytes: make(1)) }
    }

    @Test func `never revokes serial 0 by number, and says so`() throws {
        let nobody = try Vector.certificate("nobody")
        var builder = KRLBuilder(version: 1, generated: UnixTime(1))
        #expect(throws: KRLError.serialZero) { try builder.revoke(serial: 0, by: nobody.signatureKey) }
        #expect(throws: KRLError.serialZero) { try builder.revoke(serials: 0...9, by: nobody.signatureKey) }
        #expect(!builder.build().revokes(nobody))
    }

    @Test func `of 50,000 random serials of 1,000,000 takes at most 256 KB`() throws {
        var random = Randomness(seed: 5)
        let authority = try Vector.key("ed25519")
        var builder = KRLBuilder(version: 1, generated: UnixTime(1))
        var serials: Set<UInt64> = []
        while serials.count < 50_000 { serials.insert(UInt64(random.number(1...1_000_000))) }
        for serial in serials { try builder.revoke(serial: serial, by: authority) }
        let bytes = builder.build().encoded()
        #expect(bytes.count <= 256_000)
        let read = try #require(try KRL(bytes: bytes).certificates[authority.blob]).serials
        #expect(read == SerialSet(serials.map { $0...$0 }))
        #expect(read.count == 50_000)
        #expect(try bitmapSpans(bytes).allSatisfy { $0 <= 16_384 })
    }

    @Test(arguments: [16_383, 16_384, 16_385, 40_000] as [UInt64])
    func `never holds a bitmap of more than 16,384 bits`(_ span: UInt64) throws {
        let authority = try Vector.key("ed25519")
        var builder = KRLBuilder(version: 1, generated: UnixTime(1))
        for serial in stride(from: 1, through: span, by: 2) {
            try builder.revoke(serial: serial, by: authority)
        }
        try builder.revoke(serial: span, by: authority)
        let spans = try bitmapSpans(builder.build().encoded())
        #expect(!spans.isEmpty)
        #expect(spans.allSatisfy { $0 <= 16_384 })
    }

    @Test func `keeps all that it extends`() throws {
        let authority = try Vector.key("ed25519")
        let old = try Self.list {
            try $0.revoke(serials: 5...9, by: authority)
            try $0.revoke(keyID: "a", by: authority)
        }
        var builder = KRLBuilder(extending: old, version: 2, generated: UnixTime(2))
        try builder.revoke(serial: 10, by: authority)
        #expect(builder.build().certificates[authority.blob]?.serials.runs == [5...10])
        #expect(builder.build().certificates[authority.blob]?.keyIDs == [Array("a".utf8)])
    }

    private static func list(_ body: (inout KRLBuilder) throws -> Void) throws -> KRL {
        var builder = KRLBuilder(version: 1, generated: UnixTime(1))
        try body(&builder)
        return try KRL(bytes: builder.build().encoded())
    }
}

@Suite struct `Revocation lists against ssh-keygen` {
    @Test(arguments: 10..<160 as Range<UInt64>)
    func `random ones of ours are listed by ssh-keygen -Q -l as we made them`(_ seed: UInt64) throws {
        var random = Randomness(seed: seed)
        let krl = try Self.random(&random)
        let bytes = krl.encoded()
        #expect(try KRL(bytes: bytes) == krl, "seed \(seed)")
        #expect(try KRL(bytes: bytes).encoded() == bytes, "seed \(seed)")
        let keygen = try SSHKeygen()
        try keygen.write(bytes, to: "krl")
        let (output, status) = try keygen.run(["-Q", "-l", "-f", "krl"])
        #expect(status == 0, "\(output) seed \(seed)")
        #expect(try Listed(output) == krl.listing, "seed \(seed)")
    }

    @Test(arguments: 160..<240 as Range<UInt64>)
    func `random ones of ssh-keygen are read as ssh-keygen -Q -l lists them`(_ seed: UInt64) throws {
        var random = Randomness(seed: seed)
        let keygen = try SSHKeygen()
        try keygen.write(try Vector.text("ed25519.pub"), to: "ca.pub")
        var lines: [String] = []
        let scale = random.number(5...40)
        for _ in 0..<random.number(1...400) {
            let serial = max(1, random.next() >> UInt64(64 - scale))
            lines.append(
                "serial: \(serial)" + (random.flip() ? "" : "-\(serial + UInt64(random.number(1...60)))"))
        }
        for _ in 0..<random.number(0...20) { lines.append("id: \(random.text(1...20, of: 0x61...0x7a))") }
        lines.append("key: \(try PrivateKey(ed25519Seed: random.bytes(32)).publicKey.text())")
        try keygen.write(lines.joined(separator: "\n") + "\n", to: "spec")
        try keygen.run(["-q", "-k", "-f", "krl", "-s", "ca.pub", "-z", "\(seed)", "spec"])
        let krl = try KRL(bytes: try keygen.bytes("krl"))
        let (output, status) = try keygen.run(["-Q", "-l", "-f", "krl"])
        #expect(status == 0, "\(output) seed \(seed)")
        #expect(try Listed(output) == krl.listing, "seed \(seed)")
    }

    @Test(arguments: [6, 7, 8, 9] as [UInt64])
    func `a random list revokes for ssh-keygen -Q what it revokes for us`(_ seed: UInt64) throws {
        var random = Randomness(seed: seed)
        var sample = try Sample()
        // OpenSSH checks each certificate by its authority's key, P-256 ten times as fast.
        if seed > 6 { sample.authority = try PrivateKey.generate(.ecdsaP256) }
        let count = seed > 6 ? 800 : 400
        var builder = KRLBuilder(version: 1, generated: UnixTime(1))
        let authority = sample.authority.publicKey
        for _ in 0..<150 { try builder.revoke(serial: UInt64(random.number(1...900)), by: authority) }
        try builder.revoke(serials: 500...550, by: authority)
        for id in 0..<10 { try builder.revoke(keyID: "id\(id)", by: authority) }
        let keygen = try SSHKeygen()
        var certificates: [Certificate] = []
        for index in 0..<count {
            sample.serial = UInt64(random.number(0...900))
            sample.keyID = "id\(random.number(0...99))"
            sample.publicKey = try PrivateKey(ed25519Seed: random.bytes(32)).publicKey
            if random.number(0...19) == 0 { builder.revoke(key: sample.publicKey) }
            if random.number(0...19) == 0 { builder.revoke(fingerprint: sample.publicKey.fingerprint) }
            certificates.append(try sample.certificate())
            try keygen.write(certificates[index].text() + "\n", to: "c\(index)")
        }
        let krl = builder.build()
        try keygen.write(krl.encoded(), to: "krl")
        let output = try keygen.run(["-Q", "-f", "krl"] + certificates.indices.map { "c\($0)" }).output
        let expected = certificates.map { krl.revokes($0) ? "REVOKED" : "ok" }
        #expect(
            output.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) }
                == expected)
        #expect(Set(expected).count == 2)
    }

    private static func random(_ random: inout Randomness) throws -> KRL {
        var builder = KRLBuilder(
            version: random.next(), generated: UnixTime(UInt64(random.number(0...0x7fff_ffff))))
        for _ in 0..<random.number(0...3) {
            let authority = try PrivateKey(ed25519Seed: random.bytes(32)).publicKey
            let scale = random.number(4...64)
            for _ in 0..<random.number(1...500) {
                let serial = max(1, random.next() >> UInt64(64 - scale))
                let length = random.flip() ? 0 : random.next() >> UInt64(random.number(50...63))
                let end = serial.addingReportingOverflow(length)
                try builder.revoke(serials: serial...(end.overflow ? .max : end.partialValue), by: authority)
            }
            for _ in 0..<random.number(0...9) {
                try builder.revoke(keyID: random.text(1...30), by: authority)
            }
        }
        for _ in 0..<random.number(0...5) {
            builder.revoke(key: try PrivateKey(ed25519Seed: random.bytes(32)).publicKey)
            builder.revoke(fingerprint: Fingerprint(of: random.bytes(9)))
        }
        return builder.build()
    }
}

/// How many bits each bitmap of a list spans.
private func bitmapSpans(_ bytes: [UInt8]) throws -> [Int] {
    var reader = WireReader(bytes)
    _ = try reader.raw(36)
    _ = (try reader.string(), try reader.string())
    var spans: [Int] = []
    while !reader.isAtEnd {
        let code = try reader.byte()
        var section = WireReader(try reader.string(limit: .max))
        guard code == 1 else { continue }
        _ = (try section.string(), try section.string())
        while !section.isAtEnd {
            let part = try section.byte()
            var content = WireReader(try section.string(limit: .max))
            guard part == 0x22 else { continue }
            _ = try content.uint64()
            let digits = try content.mpint(limit: 1_000_000)
            spans.append(digits.count * 8 - (digits.first?.leadingZeroBitCount ?? 0))
        }
    }
    return spans
}
