import SSHFormats

/// A certificate in the words of draft-miller-ssh-cert.
struct CertificateFacts: InspectedFacts {
    let kind: String
    let type: String
    let keyID: String
    let serial: UInt64
    let principals: [String]
    let validAfter: UInt64
    let validBefore: UInt64
    let criticalOptions: [String]
    let extensions: [String]
    let fingerprint: String
    let signatureKey: String
    /// Whether the signature of `signatureKey` holds; whether that key is to be trusted is another question.
    let isSignatureGood: Bool

    init(_ certificate: Certificate) {
        kind = certificate.kind == .user ? "user certificate" : "host certificate"
        type = certificate.type.certificateName
        keyID = certificate.keyID
        serial = certificate.serial
        principals = certificate.principals?.names ?? []
        validAfter = certificate.validAfter.seconds
        validBefore = certificate.validBefore.seconds
        criticalOptions = Self.options(certificate.criticalOptions)
        extensions = certificate.extensions.options.map(\.name)
        fingerprint = certificate.fingerprint.description
        signatureKey = certificate.signatureKey.fingerprint.description
        isSignatureGood = (try? certificate.verifySignature()) != nil
    }

    var lines: [String] {
        let none = { (list: [String]) in
            list.isEmpty ? "(none)" : list.map(Output.word).joined(separator: " ")
        }
        return [
            "\(kind): \(type)",
            "key: \(fingerprint)",
            "signed by: \(signatureKey) (signature \(isSignatureGood ? "good" : "BAD"))",
            "key ID: \(keyID)",
            "serial: \(serial)",
            "valid: \(Moment.text(validAfter)) to \(Moment.text(validBefore))",
            "principals: \(none(principals))",
            "critical options: \(none(criticalOptions))",
            "extensions: \(none(extensions))",
        ]
    }

    /// `name` or `name=value`, as `ssh-keygen -L` shows them.
    private static func options(_ options: CriticalOptions) -> [String] {
        var texts: [String] = []
        if let command = options.forceCommand { texts.append("force-command=\(command)") }
        if let addresses = options.sourceAddress { texts.append("source-address=\(addresses)") }
        if options.verifyRequired { texts.append("verify-required") }
        return texts + options.unknown.map(\.name)
    }
}
