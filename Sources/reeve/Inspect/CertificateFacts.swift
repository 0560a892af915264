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
    /// Why it is neither issued nor accepted anywhere, whoever signed it; nil if its form is no reason.
    let refusal: String?
    private let signature: SeenCertificate.SignatureVerdict

    private enum CodingKeys: String, CodingKey {
        case kind, type, keyID, serial, principals, validAfter, validBefore, criticalOptions, extensions
        case fingerprint, signatureKey, isSignatureGood, refusal
    }

    init(_ certificate: SeenCertificate) {
        kind = certificate.kind == .user ? "user certificate" : "host certificate"
        type = certificate.typeName
        keyID = certificate.keyID
        serial = certificate.serial
        principals = certificate.principals
        validAfter = certificate.validAfter.seconds
        validBefore = certificate.validBefore.seconds
        criticalOptions = certificate.criticalOptions.map(Self.text)
        extensions = certificate.extensions.map(Self.text)
        fingerprint = Fingerprint(of: certificate.key).description
        signatureKey = Fingerprint(of: certificate.signatureKey).description
        signature = certificate.signature
        isSignatureGood = signature == .good
        refusal = certificate.refusal.map { "the certificate \($0)" }
    }

    var lines: [String] {
        let none = { (list: [String]) in
            list.isEmpty ? "(none)" : list.map(Output.word).joined(separator: " ")
        }
        return [
            "\(kind): \(type)",
            "key: \(fingerprint)",
            "signed by: \(signatureKey) (\(verdict))",
            "key ID: \(keyID)",
            "serial: \(serial)",
            "valid: \(Moment.text(validAfter)) to \(Moment.text(validBefore))",
            "principals: \(none(principals))",
            "critical options: \(none(criticalOptions))",
            "extensions: \(none(extensions))",
        ] + (refusal.map { ["refused everywhere: \($0)"] } ?? [])
    }

    private var verdict: String {
        switch signature {
        case .good: "signature good"
        case .bad: "signature BAD"
        case .unknown: "signature not checked: no key of this kind is accepted"
        }
    }

    /// `name`, or `name=value` as it was given to `ssh-keygen -O`; other data in hexadecimal, as `ssh-keygen -L` shows it.
    private static func text(_ option: SeenCertificate.Option) -> String {
        guard !option.data.isEmpty else { return option.name }
        if let text = option.text { return "\(option.name)=\(text)" }
        let digits = option.data.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return "\(option.name)=0x\(digits)"
    }
}
