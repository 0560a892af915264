import SSHFormats

/// A signature over a file (SSHSIG); without the file it cannot be checked.
struct SignatureFacts: InspectedFacts {
    let kind = "signature"
    let namespace: String
    let hash: String
    let algorithm: String
    /// Type of the key or certificate that says it signed.
    let signer: String
    let fingerprint: String
    let publicKey: String

    private enum CodingKeys: String, CodingKey {
        case kind, namespace, hash, algorithm, signer, fingerprint, publicKey
    }

    init(_ signature: SSHSIG) {
        namespace = signature.namespace
        hash = signature.hash.rawValue
        algorithm = signature.signature.algorithm
        signer = signature.signer.typeName
        fingerprint = signature.signer.publicKey.fingerprint.description
        publicKey = signature.signer.publicKey.text()
    }

    var lines: [String] {
        [
            "signature, not checked: that needs the file, see reeve verify",
            "namespace: \(namespace)",
            "by: \(signer) \(fingerprint)",
            "algorithm: \(algorithm) over \(hash)",
            publicKey,
        ]
    }
}
