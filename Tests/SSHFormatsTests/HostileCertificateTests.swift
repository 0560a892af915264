import SSHFormats
import Testing

@Suite struct `C08 A hostile certificate` {
    @Test(arguments: Vector.certificates)
    func `C08 is refused when cut at any byte`(_ name: String) throws {
        let blob = try Vector.certificate(name).blob
        for count in blob.indices where (try? Certificate(blob: blob.prefix(count))) != nil {
            Issue.record("\(name) cut at \(count) is read")
        }
    }

    @Test(arguments: Vector.certificates)
    func `C08 is refused with bytes after it`(_ name: String) throws {
        let blob = try Vector.certificate(name).blob
        #expect(throws: CertificateError.wire(.trailing(1))) { try Certificate(blob: blob + [0]) }
        let signed = try Vector.certificate(name).signedBytes
        guard name != "nobody" else { return }
        #expect(throws: CertificateError.wire(.trailing(2))) {
            try CertificateDraft(parsingToBeSigned: signed + [0, 0])
        }
    }

    @Test(arguments: ["user", "ecdsa-by-rsa", "rsa-by-ecdsa", "for-sk-ecdsa", "unknown"])
    func `C08 is refused, or not believed, with any four bytes overwritten`(_ name: String) throws {
        let blob = try Vector.certificate(name).blob
        for value: UInt8 in [0x00, 0xff] {
            for start in stride(from: 0, to: blob.count - 4, by: 3) {
                var changed = blob
                changed.replaceSubrange(start..<start + 4, with: repeatElement(value, count: 4))
                guard changed != blob, let certificate = try? Certificate(blob: changed) else { continue }
                #expect(throws: SignatureError.self) { try certificate.verifySignature() }
            }
        }
    }

    @Test func `C08 is refused with a bit of any byte turned`() throws {
        let blob = try Sample().certificate().blob
        for index in blob.indices {
            var changed = blob
            changed[index] ^= 1 << UInt8(index % 8)
            guard let certificate = try? Certificate(blob: changed) else { continue }
            #expect(throws: SignatureError.self) { try certificate.verifySignature() }
        }
    }

    @Test func `C08 is refused when its authority is a certificate, however deep`() throws {
        var raw = try RawSample()
        for depth in 1...1000 where raw.signatureKey.count < 250_000 {
            raw.signatureKey = try raw.blob
            guard depth < 5 || depth % 250 == 0 || raw.signatureKey.count > 249_000 else { continue }
            let blob = try raw.blob
            #expect(throws: CertificateError.key(.certificateAsKey(raw.typeName)), "depth \(depth)") {
                try Certificate(blob: blob)
            }
        }
    }

    @Test func `C08 is refused when it certifies a certificate`() throws {
        var raw = try RawSample()
        var writer = WireWriter()
        writer.string(try raw.blob)
        raw.keyFields = writer.bytes
        let length = writer.bytes.count - 4
        #expect(throws: CertificateError.key(.badLength(length, expected: 32))) { try raw.read() }
    }

    @Test func `C08 is refused with options out of order`() throws {
        var raw = try RawSample()
        raw.extensions = [("permit-user-rc", []), ("permit-pty", [])]
        #expect(throws: CertificateError.misorderedOption("permit-pty")) { try raw.read() }
        raw.extensions = [("b", []), ("a", [])]
        #expect(throws: CertificateError.misorderedOption("a")) { try raw.read() }
    }

    @Test func `C08 is refused with an option twice`() throws {
        var raw = try RawSample()
        raw.extensions = [("permit-pty", []), ("permit-pty", [])]
        #expect(throws: CertificateError.repeatedOption("permit-pty")) { try raw.read() }
    }

    @Test(arguments: ["", "a b", "é", "a\n", String(repeating: "x", count: 257)])
    func `C08 is refused with an option of a strange name`(_ name: String) throws {
        var raw = try RawSample()
        raw.extensions = [(name, [])]
        #expect(throws: CertificateError.badOption(name)) { try raw.read() }
    }

    @Test func `C08 is refused with data behind a flag`() throws {
        var raw = try RawSample()
        raw.extensions = [("permit-pty", [0])]
        #expect(throws: CertificateError.badOption("permit-pty")) { try raw.read() }
        raw.extensions = []
        raw.criticalOptions = [("verify-required", [0])]
        #expect(throws: CertificateError.badOption("verify-required")) { try raw.read() }
    }

    @Test(arguments: [0, 3, .max] as [UInt32]) func `C08 is refused when neither for users nor for hosts`(
        _ kind: UInt32
    ) throws {
        var raw = try RawSample()
        raw.kind = kind
        #expect(throws: CertificateError.unknownKind(kind)) { try raw.read() }
    }

    @Test func `C08 is refused with something in the reserved field`() throws {
        var raw = try RawSample()
        raw.reserved = [0]
        #expect(throws: CertificateError.reservedNotEmpty) { try raw.read() }
    }

    @Test func `C08 is refused with a NUL in a text`() throws {
        var raw = try RawSample()
        raw.keyID = [0x61, 0]
        #expect(throws: CertificateError.wire(.notUTF8)) { try raw.read() }
        raw = try RawSample()
        raw.principals = [[0x61, 0]]
        #expect(throws: CertificateError.wire(.notUTF8)) { try raw.read() }
    }

    @Test func `C08 is refused for a key of another length than Ed25519 has`() throws {
        for count in [0, 31, 33, 64] {
            var raw = try RawSample()
            var writer = WireWriter()
            writer.string([UInt8](repeating: 1, count: count))
            raw.keyFields = writer.bytes
            #expect(throws: CertificateError.key(.badLength(count, expected: 32))) { try raw.read() }
        }
    }

    @Test func `C08 is refused for a point off the curve, at infinity, or compressed`() throws {
        let good = Array(try Vector.key("ecdsa").blob.suffix(65))
        var off = good
        off[64] ^= 1
        let points: [[UInt8]] = [
            off, [0], [], [0x04] + [UInt8](repeating: 0, count: 64), [0x02] + good[1...32],
        ]
        for point in points {
            var raw = try RawSample()
            var writer = WireWriter()
            writer.string("nistp256")
            writer.string(point)
            raw.typeName = KeyType.ecdsaP256.certificateName
            raw.keyFields = writer.bytes
            #expect(throws: CertificateError.key(.badPoint)) { try raw.read() }
        }
    }

    @Test func `C08 is refused when longer than 256 KiB`() {
        let blob = [UInt8](repeating: 0, count: 262_145)
        #expect(throws: CertificateError.wire(.tooLong(262_145, limit: 262_144))) {
            try Certificate(blob: blob)
        }
    }

    @Test func `C08 of random bytes never stops the process`() {
        var random = Randomness(seed: 8)
        for _ in 0..<5000 {
            let noise = random.bytes(random.number(0...400))
            #expect(throws: CertificateError.self) { try Certificate(blob: noise) }
            var writer = WireWriter()
            writer.string(KeyType.known.randomElement(using: &random)?.certificateName ?? "")
            writer.string(noise.prefix(32))
            writer.raw(noise)
            #expect(throws: CertificateError.self) { try Certificate(blob: writer.bytes) }
        }
    }
}
