import Names
import SSHFormats
import SignerProtocol

extension Profile {
    /// Checks a certificate about to be signed against everything that this profile says.
    ///
    /// - Parameter now: Seconds since 1970 UTC.
    /// - Throws: ``SignerFault`` with ``SignerFault/Code/profileRefused`` and the first rule that is broken.
    func check(_ draft: CertificateDraft, kind: CertificateKind, now: UInt64) throws(SignerFault) {
        guard draft.kind == kind else { throw .refused("this key does not sign \(draft.kind) certificates") }
        try checkValidity(draft.validity, now: now)
        guard draft.validity.validBefore.seconds > now else { throw .refused("its time is over") }
        for option in draft.criticalOptions.options where !criticalOptions.contains(option.name) {
            throw .refused("the critical option \(option.name) is not allowed")
        }
        for option in draft.extensions.options where !extensions.contains(option.name) {
            throw .refused("the extension \(option.name) is not allowed")
        }
        guard draft.principals.names.count <= principalLimit else {
            throw .refused("more than \(principalLimit) principals")
        }
        for name in draft.principals.names { try checkPrincipal(name) }
        do { try draft.publicKey.checkStrength() } catch { throw .refused("the certified key is too weak") }
    }

    /// The span is bounded, and so is its end: a certificate for the year after next is as bad as one that
    /// lasts.
    func checkValidity(_ validity: Validity, now: UInt64) throws(SignerFault) {
        let longest = longestValidity + Self.leeway
        guard validity.seconds <= longest else {
            throw .refused("valid for \(validity.seconds) s, more than \(longest) s")
        }
        guard validity.validBefore.seconds <= now + longest else {
            throw .refused("valid until more than \(longest) s from now")
        }
    }

    private func checkPrincipal(_ name: String) throws(SignerFault) {
        switch form {
        case .placed, .login:
            guard let principal = try? PrincipalName(name) else {
                throw .refused("a principal is not of the form of this key")
            }
            try checkPrincipal(principal)
        case .host:
            guard (try? Name(host: name)) != nil || Self.isIPv6(name) else {
                throw .refused("a principal is not a host name or an address")
            }
            try checkPlace(name)
        case .none: throw .refused("this key does not sign certificates")
        }
    }

    private func checkPrincipal(_ principal: PrincipalName) throws(SignerFault) {
        guard logins.isEmpty || logins.contains(principal.login.text) else {
            throw .refused("the login \(principal.login) is not allowed")
        }
        switch (form, principal) {
        case (.placed, .onHost(_, let host)): try checkPlace(host.text)
        case (.placed, .onLabel(_, let label)): try checkPlace(label.description)
        case (.login, .plain): break
        case (.placed, .plain), (.login, .onHost), (.login, .onLabel), (.host, _), (.none, _):
            throw .refused("a principal is not of the form of this key")
        }
    }

    private func checkPlace(_ place: String) throws(SignerFault) {
        guard !places.isEmpty, !places.contains(place) else { return }
        guard places.contains(where: { $0.hasPrefix(".") && place.hasSuffix($0) }) else {
            throw .refused("the place \(place) is not allowed")
        }
    }

    /// Hexadecimal groups and colons; sshd compares addresses as text.
    private static func isIPv6(_ name: String) -> Bool {
        name.utf8.contains(UInt8(ascii: ":")) && (2...45).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
                case UInt8(ascii: ":"), UInt8(ascii: "."): true
                default: false
                }
            }
    }
}

extension SignerFault {
    static func refused(_ reason: String) -> SignerFault { SignerFault(.profileRefused, reason) }
}
