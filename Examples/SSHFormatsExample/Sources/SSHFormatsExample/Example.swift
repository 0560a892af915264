import SSHFormats

/// Issues a certificate, verifies it as a host would, revokes it, and signs a message: SSHFormats and nothing else.
@main struct Example {
    static func main() throws {
        let now = UnixTime(1_800_000_000)
        let authority = try PrivateKey.generate(.ed25519)
        let alice = try PrivateKey.generate(.ecdsaP256)

        let certificate = try issue(to: alice.publicKey, by: authority, at: now)
        print(certificate.text(comment: "alice@laptop"))
        print("allowed:", try isAllowed(certificate, as: "alice", trusting: [authority.publicKey], at: now))
        print("as root:", try isAllowed(certificate, as: "root", trusting: [authority.publicKey], at: now))

        var builder = KRLBuilder(version: 1, generated: now)
        try builder.revoke(serial: certificate.serial, by: authority.publicKey)
        let list = try KRL(bytes: builder.build().encoded())
        print("revoked by:", list.reason(for: certificate)?.rawValue ?? "nothing")

        let message = Array("Hello, world\n".utf8)
        let signature = try SSHSIG.sign(message, namespace: "file", with: alice, certificate: certificate)
        let signers = AllowedSigners([
            try AllowedSignersLine(principals: "*", isCertAuthority: true, key: authority.publicKey)
        ])
        try signers.verify(signature, over: message, namespace: "file", principal: "alice", at: now)
        print(signature.armoured)
    }

    static func issue(to key: PublicKey, by authority: PrivateKey, at now: UnixTime) throws -> Certificate {
        try key.checkStrength()
        var random = SystemRandomNumberGenerator()
        let draft = try CertificateDraft(
            kind: .user, publicKey: key, serial: 1, keyID: "alice@laptop",
            principals: try Principals(["alice"]),
            validity: try Validity(validAfter: now, validBefore: now.advanced(by: 8 * 3600)),
            extensions: .standard,
            nonce: (0..<CertificateDraft.nonceLength).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            },
            signatureKey: authority.publicKey)
        return try draft.sealed(with: try authority.sign(draft.toBeSigned))
    }

    static func isAllowed(
        _ certificate: Certificate, as login: String, trusting authorities: Set<PublicKey>, at now: UnixTime
    ) throws -> Bool {
        guard authorities.contains(certificate.signatureKey) else { return false }
        try certificate.verifySignature()
        return certificate.kind == .user && certificate.validity?.contains(now) == true
            && certificate.principals?.contains(login) == true && certificate.criticalOptions.unknown.isEmpty
    }
}
