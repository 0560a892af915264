import SSHFormats
import Testing

/// Keys of types that are not known here: well formed, and nothing else can be said of them.
@Suite struct `A key of a type that is not known here` {
    static let name = "ssh-mldsa44-ed25519@openssh.com"

    static func blob(
        _ name: String = name, fields: [[UInt8]] = [[UInt8](repeating: 7, count: 1344)]
    ) -> [UInt8] {
        var writer = WireWriter()
        writer.string(name)
        for field in fields { writer.string(field) }
        return writer.bytes
    }

    @Test func `is carried byte for byte, by its name`() throws {
        let key = try PublicKey(blob: Self.blob())
        #expect(key.blob == Self.blob() && key.type.name == Self.name && !key.type.isKnown && key.bits == 0)
        #expect(key.type.certificateName == "ssh-mldsa44-ed25519-cert-v01@openssh.com")
        #expect(try PublicKey(text: key.text(comment: "laptop")) == key)
        #expect(try AuthorizedKeysLine.parse("restrict \(key.text())")?.key == key)
        #expect(try AuthorizedKeysLine.parse(key.text())?.options == [])
        #expect(try KnownHostsLine.parse("web1,web2 \(key.text())")?.key == key)
        #expect(AgentIdentity(blob: key.blob, comment: "").publicKey == key)
    }

    @Test func `is certified only where its type is allowed by name, and verifies nothing`() throws {
        let key = try PublicKey(blob: Self.blob())
        #expect(throws: KeyError.unknownType(Self.name)) { try key.checkStrength() }
        try key.checkStrength(allowing: [Self.name])
        let signature = try Signature(algorithm: Self.name, bytes: [UInt8](repeating: 1, count: 2484))
        #expect(try Signature(blob: signature.blob) == signature && !signature.isKnown)
        #expect(throws: SignatureError.unusableKey) { try key.verify(signature, over: [1]) }
        let known = try Vector.key("ed25519")
        #expect(throws: SignatureError.wrongAlgorithm(Self.name, key: "ssh-ed25519")) {
            try known.verify(signature, over: [1])
        }
    }

    @Test func `stands in a certificate, which is read again as it was drafted`() throws {
        var sample = try Sample()
        sample.publicKey = try PublicKey(blob: Self.blob())
        let certificate = try sample.certificate()
        #expect(certificate.publicKey.blob == Self.blob())
        let again = try Certificate(text: certificate.text())
        #expect(again == certificate)
        try again.verifySignature()
        #expect(AgentIdentity(blob: certificate.blob, comment: "").certificate == certificate)
    }

    @Test func `as an authority carries a signature that cannot be checked`() throws {
        var raw = try RawSample()
        raw.signatureKey = Self.blob()
        var writer = WireWriter()
        writer.raw(raw.toBeSigned)
        writer.string(try Signature(algorithm: Self.name, bytes: [1, 2, 3]).blob)
        let certificate = try Certificate(blob: writer.bytes)
        #expect(throws: SignatureError.unusableKey) { try certificate.verifySignature() }
    }

    @Test func `is refused where it is not well formed`() throws {
        for count in Self.blob(fields: [[1], [2, 3]]).indices
        where ![4 + Self.name.utf8.count + 5].contains(count) {
            #expect(throws: KeyError.self) {
                try PublicKey(blob: Self.blob(fields: [[1], [2, 3]]).prefix(count))
            }
        }
        #expect(throws: KeyError.malformed("at most 16 fields")) {
            try PublicKey(blob: Self.blob(fields: [[UInt8]](repeating: [], count: 17)))
        }
        for name in ["", "a,b", "a b", "é", String(repeating: "a", count: 81)] {
            #expect(throws: KeyError.unknownType(name)) { try PublicKey(blob: Self.blob(name)) }
        }
        #expect(throws: KeyError.certificateAsKey("x-cert-v01@openssh.com")) {
            try PublicKey(blob: Self.blob("x-cert-v01@openssh.com"))
        }
        #expect(throws: KeyError.dsa) { try PublicKey(blob: Self.blob("ssh-dss")) }
    }
}
