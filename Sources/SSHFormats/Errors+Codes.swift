/// An error of this library: typed, with a sentence for people and a code for programs.
public protocol SSHFormatError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Short, in lower case, with hyphens; it stays the same from version to version. An error that only wraps another
    /// has the code of that one.
    var code: String { get }
    /// What is wrong, as the second half of a sentence. Text that came from outside is quoted and escaped.
    var description: String { get }
}

extension WireError: SSHFormatError {
    /// For example `truncated`.
    public var code: String {
        switch self {
        case .truncated: "truncated"
        case .tooLong: "too-long"
        case .trailing: "trailing-bytes"
        case .notCanonical: "not-canonical"
        case .notUTF8: "not-utf8"
        case .notBase64: "not-base64"
        case .unexpected: "unexpected-field"
        }
    }
}

extension KeyError: SSHFormatError {
    /// For example `key-too-weak`.
    public var code: String {
        switch self {
        case .wire(let error): error.code
        case .unknownType: "key-type-unknown"
        case .certificateAsKey: "certificate-as-key"
        case .typeMismatch: "key-type-mismatch"
        case .badLength: "key-length"
        case .dsa: "key-dsa"
        case .badPoint: "key-bad-point"
        case .wrongCurve: "key-wrong-curve"
        case .badRSA: "key-bad-rsa"
        case .tooWeak: "key-too-weak"
        case .tooLarge: "key-too-large"
        case .smallExponent: "key-small-exponent"
        case .closeFactors: "key-close-factors"
        case .smallFactor: "key-small-factor"
        case .roca: "key-roca"
        case .smallOrder: "key-small-order"
        case .malformed: "key-malformed"
        case .encrypted: "key-encrypted"
        case .halvesDiffer: "key-halves-differ"
        case .refused: "key-refused"
        }
    }
}

extension SignatureError: SSHFormatError {
    /// For example `signature-invalid`.
    public var code: String {
        switch self {
        case .wire(let error): error.code
        case .refusedAlgorithm: "signature-algorithm-refused"
        case .wrongAlgorithm: "signature-algorithm-wrong"
        case .badLength: "signature-length"
        case .unusableKey: "signature-key-unusable"
        case .invalid: "signature-invalid"
        }
    }
}

extension CertificateError: SSHFormatError {
    /// For example `certificate-no-principals`.
    public var code: String {
        switch self {
        case .wire(let error): error.code
        case .key(let error): error.code
        case .signature(let error): error.code
        case .unknownType: "certificate-type-unknown"
        case .unknownKind: "certificate-kind-unknown"
        case .noPrincipals: "certificate-no-principals"
        case .tooManyPrincipals: "certificate-too-many-principals"
        case .badPrincipal: "certificate-bad-principal"
        case .emptyValidity: "certificate-empty-validity"
        case .badKeyID: "certificate-bad-key-id"
        case .badOption: "certificate-bad-option"
        case .repeatedOption: "certificate-repeated-option"
        case .misorderedOption: "certificate-misordered-option"
        case .badSourceAddress: "certificate-bad-source-address"
        case .reservedNotEmpty: "certificate-reserved-field"
        case .badNonce: "certificate-bad-nonce"
        case .notCanonical: "certificate-not-canonical"
        case .differsFromDraft: "certificate-differs-from-draft"
        }
    }
}

extension KRLError: SSHFormatError {
    /// For example `krl-bad-magic`.
    public var code: String {
        switch self {
        case .wire(let error): error.code
        case .badMagic: "krl-bad-magic"
        case .unknownFormat: "krl-format-unknown"
        case .reservedNotEmpty: "krl-reserved-field"
        case .unknownSection: "krl-section-unknown"
        case .criticalExtension: "krl-critical-extension"
        case .sectionAfterSignature: "krl-section-after-signature"
        case .serialZero: "krl-serial-zero"
        case .emptyRange: "krl-empty-range"
        case .serialOverflow: "krl-serial-overflow"
        case .tooManySerials: "krl-too-many-serials"
        case .badHash: "krl-bad-hash"
        case .badKeyID: "krl-bad-key-id"
        }
    }
}

extension AgentError: SSHFormatError {
    /// For example `agent-failure`.
    public var code: String {
        switch self {
        case .wire(let error): error.code
        case .key(let error): error.code
        case .certificate(let error): error.code
        case .signature(let error): error.code
        case .badConstraint: "agent-bad-constraint"
        case .extensionFailure: "agent-extension-failure"
        case .unknownMessage: "agent-message-unknown"
        case .failure: "agent-failure"
        case .unexpectedReply: "agent-unexpected-reply"
        }
    }
}

extension SSHSIGError: SSHFormatError {
    /// For example `sshsig-wrong-namespace`.
    public var code: String {
        switch self {
        case .wire(let error): error.code
        case .badArmour: "sshsig-bad-armour"
        case .badMagic: "sshsig-bad-magic"
        case .unknownVersion: "sshsig-version-unknown"
        case .unknownHash: "sshsig-hash-unknown"
        case .signer(let error): error.code
        case .noNamespace: "sshsig-no-namespace"
        case .wrongNamespace: "sshsig-wrong-namespace"
        case .badDigest: "sshsig-bad-digest"
        case .signature(let error): error.code
        case .key(let error): error.code
        }
    }
}

extension AllowedSignersError: SSHFormatError {
    /// For example `signer-not-allowed`.
    public var code: String {
        switch self {
        case .malformed: "line-malformed"
        case .key(let error): error.code
        case .unknownOption: "option-unknown"
        case .repeatedOption: "option-repeated"
        case .badOption: "option-bad-value"
        case .emptyValidity: "signer-empty-validity"
        case .notAllowed: "signer-not-allowed"
        case .wrongNamespace: "signer-wrong-namespace"
        case .notYetValid: "signer-not-yet-valid"
        case .expired: "signer-expired"
        case .certificate: "signer-certificate-refused"
        case .signature(let error): error.code
        }
    }
}

extension AuthorizedKeysError: SSHFormatError {
    /// For example `option-unknown`.
    public var code: String {
        switch self {
        case .malformed: "line-malformed"
        case .unknownOption: "option-unknown"
        case .repeatedOption: "option-repeated"
        case .badOption: "option-bad-value"
        }
    }
}
