import SSHFormats
import Testing

@Suite struct `A certificate made by OpenSSH` {
    @Test(arguments: Vector.certificates)
    func `C07 says what ssh-keygen -L says of it`(_ name: String) throws {
        #expect(try Vector.certificate(name).listing == Vector.text("\(name)-cert.txt"))
    }

    @Test(arguments: Vector.certificates)
    func `C07 is written again byte for byte`(_ name: String) throws {
        let certificate = try Vector.certificate(name)
        let comment = try #require(try Vector.text("\(name)-cert.pub").split(separator: " ").last).dropLast()
        #expect(try certificate.text(comment: String(comment)) + "\n" == Vector.text("\(name)-cert.pub"))
        guard certificate.principals != nil else { return }
        let draft = try CertificateDraft(parsingToBeSigned: certificate.signedBytes)
        #expect(draft.toBeSigned.elementsEqual(certificate.signedBytes))
    }

    @Test(arguments: Vector.certificates)
    func `is signed by its authority`(_ name: String) throws {
        try Vector.certificate(name).verifySignature()
    }

    @Test func `is refused when signed with SHA-1`() throws {
        #expect(throws: CertificateError.signature(.refusedAlgorithm("ssh-rsa"))) {
            try Vector.certificate("sha1")
        }
    }

    @Test func `without principals speaks for nobody and cannot be drafted`() throws {
        let certificate = try Vector.certificate("nobody")
        #expect(certificate.principals == nil)
        #expect(throws: CertificateError.noPrincipals) {
            try CertificateDraft(parsingToBeSigned: certificate.signedBytes)
        }
    }

    @Test func `is not taken for a key`() throws {
        let text = try Vector.text("user-cert.pub")
        let blob = try Vector.certificate("user").blob
        #expect(throws: KeyError.certificateAsKey(KeyType.ed25519.certificateName)) {
            try PublicKey(text: text)
        }
        #expect(throws: KeyError.certificateAsKey(KeyType.ed25519.certificateName)) {
            try PublicKey(blob: blob)
        }
    }
}

@Suite struct `A certificate of our own` {
    @Test func `is sealed with the signature over the draft`() throws {
        let sample = try Sample()
        let certificate = try sample.certificate()
        #expect(certificate.principals?.names == sample.principals)
        #expect(certificate.validity?.contains(UnixTime(sample.after)) == true)
        #expect(certificate.validity?.contains(UnixTime(sample.before)) == false)
        #expect(certificate.publicKey == sample.publicKey)
        #expect(certificate.signedBytes.elementsEqual(try sample.draft().toBeSigned))
    }

    @Test func `is never sealed with a signature over other bytes`() throws {
        let sample = try Sample()
        let signature = try sample.authority.sign([1, 2, 3])
        #expect(throws: CertificateError.signature(.invalid)) { try sample.draft().sealed(with: signature) }
    }

    @Test func `is never sealed with a signature of another kind of key`() throws {
        let draft = try Sample().draft()
        let signature = try PrivateKey.generate(.ecdsaP256).sign(draft.toBeSigned)
        let error = SignatureError.wrongAlgorithm("ecdsa-sha2-nistp256", key: "ssh-ed25519")
        #expect(throws: CertificateError.signature(error)) { try draft.sealed(with: signature) }
    }

    @Test(arguments: PrivateKey.GenerableKind.allCases, PrivateKey.GenerableKind.allCases)
    func `is made for and by every kind of key`(
        _ authority: PrivateKey.GenerableKind, _ subject: PrivateKey.GenerableKind
    ) throws {
        var sample = try Sample()
        sample.authority = try Keys.of(authority)
        sample.publicKey = try Keys.of(subject).publicKey
        try sample.certificate().verifySignature()
    }

    @Test func `has a validity that is never empty`() throws {
        var sample = try Sample()
        sample.before = sample.after
        #expect(
            throws: CertificateError.emptyValidity(
                after: UnixTime(sample.after), before: UnixTime(sample.after))
        ) {
            try sample.draft()
        }
    }

    @Test(arguments: [0, 31, 33]) func `has a nonce of 32 bytes`(_ count: Int) throws {
        var sample = try Sample()
        sample.nonce = [UInt8](repeating: 1, count: count)
        #expect(throws: CertificateError.badNonce(count)) { try sample.draft() }
    }

    @Test(arguments: ["a\nb", "a\r\nb", "\u{0}", "\u{7f}", String(repeating: "x", count: 1025)])
    func `has a key ID that cannot break a log line`(_ keyID: String) throws {
        var sample = try Sample()
        sample.keyID = keyID
        #expect(throws: CertificateError.badKeyID) { try sample.draft() }
    }
}

/// Keys that take long to make, made once.
enum Keys {
    private static let made: [PrivateKey.GenerableKind: PrivateKey] = {
        var keys: [PrivateKey.GenerableKind: PrivateKey] = [:]
        for kind in PrivateKey.GenerableKind.allCases { keys[kind] = try? PrivateKey.generate(kind) }
        return keys
    }()

    static func of(_ kind: PrivateKey.GenerableKind) throws -> PrivateKey {
        guard let key = made[kind] else { throw KeyError.refused("making a key") }
        return key
    }
}
