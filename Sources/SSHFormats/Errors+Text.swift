// What is wrong, as the second half of a sentence, for people. Text that came from outside is quoted and escaped, so that it
// cannot pass for ours or move a terminal's cursor.

extension WireError: CustomStringConvertible {
    /// What is wrong, as the second half of a sentence.
    public var description: String {
        switch self {
        case .truncated(let wanted, let left): "ends early: \(wanted) bytes are wanted and \(left) are left"
        case .tooLong(let count, let limit): "has a field of \(count) bytes; at most \(limit) may stand there"
        case .trailing(let count): "goes on for \(count) bytes where it must end"
        case .notCanonical(let field): "is not in the one form that is allowed: \(field)"
        case .notUTF8: "has a text that is not UTF-8, or with a NUL in it"
        case .notBase64: "is not Base64"
        case .unexpected(let field): "has something else where its \(field) must stand"
        }
    }
}

extension KeyError: CustomStringConvertible {
    /// What is wrong, as the second half of a sentence.
    public var description: String {
        switch self {
        case .wire(let error): error.description
        case .unknownType(let name): "is of a kind that is not known here: \(String(reflecting: name))"
        case .certificateAsKey: "is a certificate where a plain key must stand"
        case .typeMismatch(let named, let inside):
            "is named \(String(reflecting: named)) and is \(String(reflecting: inside)) inside"
        case .badLength(let count, let expected): "has \(count) bytes instead of \(expected)"
        case .dsa: "is a DSA key, which is never accepted"
        case .badPoint: "is not a point on its curve"
        case .wrongCurve(let name): "is on another curve than its type says: \(String(reflecting: name))"
        case .badRSA(let bits): "is an RSA key of \(bits) bits that cannot be used"
        case .tooWeak(let bits): "is an RSA key of \(bits) bits; at least 3072 are asked for"
        case .tooLarge(let bits): "is an RSA key of \(bits) bits; at most 8192 are taken"
        case .closeFactors: "is an RSA key whose factors lie too close together to be secret"
        case .smallFactor(let factor): "is an RSA key that can be divided by \(factor)"
        case .roca: "is an RSA key from a flawed library, whose factors can be found (ROCA)"
        case .smallExponent: "is an RSA key with an exponent below 65537"
        case .smallOrder: "is an Ed25519 key of small order, for which anybody can sign"
        case .malformed(let what): "is not well formed (\(what))"
        case .encrypted(let cipher): "is locked by a passphrase (\(String(reflecting: cipher)))"
        case .halvesDiffer: "has a private half that does not belong to its public half"
        case .refused(let reason): "is refused: \(reason)"
        }
    }
}

extension SignatureError: CustomStringConvertible {
    /// What is wrong, as the second half of a sentence.
    public var description: String {
        switch self {
        case .wire(let error): error.description
        case .refusedAlgorithm(let name): "is made by \(String(reflecting: name)), which is never accepted"
        case .wrongAlgorithm(let name, let key):
            "is made by \(String(reflecting: name)), which does not belong to a key of type \(key)"
        case .badLength(let count): "has an impossible length, \(count) bytes"
        case .unusableKey: "is by a key that cannot check signatures"
        case .invalid: "was not made by this key over these bytes"
        }
    }
}

extension CertificateError: CustomStringConvertible {
    /// What is wrong, as the second half of a sentence.
    public var description: String {
        switch self {
        case .wire(let error): error.description
        case .key(let error): "has a key that \(error)"
        case .signature(let error): "has a signature that \(error)"
        case .unknownType(let name): "is of a kind that is not known here: \(String(reflecting: name))"
        case .unknownKind(let number): "is neither for a user nor for a host, but of kind \(number)"
        case .noPrincipals: "names no principal"
        case .tooManyPrincipals(let count, let limit): "names \(count) principals; OpenSSH reads \(limit)"
        case .badPrincipal(let name): "names a principal that cannot be one: \(String(reflecting: name))"
        case .emptyValidity(let after, let before):
            "begins to count at \(after.seconds) and ends at \(before.seconds), which is not later"
        case .badKeyID: "has a key ID that is too long or holds control characters"
        case .badOption(let name): "has an option that cannot be one: \(String(reflecting: name))"
        case .repeatedOption(let name): "has the option \(String(reflecting: name)) twice"
        case .misorderedOption(let name): "has the option \(String(reflecting: name)) out of order"
        case .badSourceAddress(let text): "has a source address that is none: \(String(reflecting: text))"
        case .reservedNotEmpty: "uses the field that is kept for the future"
        case .badNonce(let count): "has a nonce of \(count) bytes"
        case .notCanonical: "is not in the one form that is allowed"
        case .differsFromDraft: "is not what was drafted"
        }
    }
}

extension KRLError: CustomStringConvertible {
    /// What is wrong, as the second half of a sentence.
    public var description: String {
        switch self {
        case .wire(let error): error.description
        case .badMagic: "does not begin as a key revocation list does"
        case .unknownFormat(let version): "is of version \(version) of the format, not 1"
        case .reservedNotEmpty: "uses a field that is kept for the future"
        case .unknownSection(let kind): "has a section of kind \(kind), which is not known here"
        case .criticalExtension(let name):
            "has an extension that must be understood and is not: \(String(reflecting: name))"
        case .sectionAfterSignature(let kind): "has a section of kind \(kind) behind its signature"
        case .serialZero: "revokes serial 0, which no certificate has"
        case .emptyRange: "has a range that ends before it begins"
        case .serialOverflow: "has serials beyond the last one"
        case .tooManySerials(let limit): "has more than \(limit) runs of serials"
        case .badHash(let count): "has a hash of \(count) bytes"
        case .badKeyID: "has a key ID that is empty or holds a NUL"
        }
    }
}

extension AgentError: CustomStringConvertible {
    /// What is wrong, as the second half of a sentence.
    public var description: String {
        switch self {
        case .wire(let error): "its message \(error)"
        case .key(let error): "a key in its message \(error)"
        case .certificate(let error): "a certificate in its message \(error)"
        case .signature(let error): "its signature \(error)"
        case .unknownMessage(let type): "its message is of type \(type), which is not known here"
        case .badConstraint(let rule): "a constraint in its message cannot be kept: \(rule)"
        case .extensionFailure: "it says no to the extension"
        case .failure: "it says no"
        case .unexpectedReply: "it answers something else than what was asked"
        }
    }
}
