package import SSHFormats

/// A way of proving who one is.
package enum Factor: String, Hashable, Sendable, CaseIterable {
    case password, totp, webauthn, oidc, pam, sshkey, recovery
}

/// Which factors were shown, each with the last time.
package typealias ProvenFactors = [Factor: UnixTime]
