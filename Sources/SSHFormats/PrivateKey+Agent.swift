extension PrivateKey {
    /// The key as an agent takes it: type and all fields (draft-miller-ssh-agent §3.2.1…§3.2.4). A secret.
    public var agentPayload: [UInt8] {
        var writer = WireWriter(capacity: 1024)
        writer.string(publicKey.type.name)
        secret.write(to: &writer)
        return writer.bytes
    }

    /// The key with a certificate for it, as an agent takes them. A secret.
    ///
    /// - Throws: ``KeyError/halvesDiffer`` if the certificate is for another key.
    public func agentPayload(with certificate: Certificate) throws(KeyError) -> [UInt8] {
        guard certificate.publicKey == publicKey else { throw .halvesDiffer }
        var writer = WireWriter(capacity: 2048)
        writer.string(certificate.type.certificateName)
        writer.string(certificate.blob)
        secret.writeBesideCertificate(to: &writer)
        return writer.bytes
    }
}
