extension SSHSIG {
    /// Signs a message, as `ssh-keygen -Y sign` does.
    ///
    /// - Parameters:
    ///   - namespace: What the signature is for: `file` for files, `git` for commits, else `name@domain`.
    ///   - certificate: Stands in the signature instead of the key, if given; it must be for this key.
    /// - Throws: ``SSHSIGError/noNamespace``, ``SSHSIGError/key(_:)``
    public static func sign(
        _ message: some Collection<UInt8>, namespace: String, hash: SSHSIGHash = .sha512,
        with key: PrivateKey,
        certificate: Certificate? = nil
    ) throws(SSHSIGError) -> SSHSIG {
        try sign(
            digest: hash.digest(of: message), namespace: namespace, hash: hash, with: key,
            certificate: certificate)
    }

    /// Signs a message that was hashed elsewhere.
    ///
    /// - Throws: ``SSHSIGError/noNamespace``, ``SSHSIGError/badDigest(_:expected:)``, ``SSHSIGError/key(_:)``
    public static func sign(
        digest: [UInt8], namespace: String, hash: SSHSIGHash = .sha512, with key: PrivateKey,
        certificate: Certificate? = nil
    ) throws(SSHSIGError) -> SSHSIG {
        guard certificate.map({ $0.publicKey == key.publicKey }) ?? true else { throw .key(.halvesDiffer) }
        let bytes = try toBeSigned(digest: digest, namespace: namespace, hash: hash)
        let signature: Signature
        do { signature = try key.sign(bytes) } catch { throw .key(error) }
        return try SSHSIG(
            signer: certificate.map(KeyOrCertificate.certificate) ?? .key(key.publicKey), digest: digest,
            namespace: namespace, hash: hash, signature: signature)
    }
}

extension AgentClient {
    /// Has a message signed by a key or certificate that the agent holds, FIDO tokens among them. The signature is
    /// checked before it is handed out.
    ///
    /// - Throws: ``SSHSIGError``, ``AgentError``, or what the transport throws.
    public mutating func signMessage(
        _ message: some Collection<UInt8>, namespace: String, hash: SSHSIGHash = .sha512,
        with signer: KeyOrCertificate
    ) throws -> SSHSIG {
        try signMessage(digest: hash.digest(of: message), namespace: namespace, hash: hash, with: signer)
    }

    /// Has a message signed that was hashed elsewhere.
    ///
    /// - Throws: ``SSHSIGError``, ``AgentError``, or what the transport throws.
    public mutating func signMessage(
        digest: [UInt8], namespace: String, hash: SSHSIGHash = .sha512, with signer: KeyOrCertificate
    ) throws -> SSHSIG {
        let bytes = try SSHSIG.toBeSigned(digest: digest, namespace: namespace, hash: hash)
        let signature = try sign(bytes, with: signer.blob)
        return try SSHSIG(
            signer: signer, digest: digest, namespace: namespace, hash: hash, signature: signature)
    }
}
