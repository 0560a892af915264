package import SSHFormats

/// A way of proving who one is.
package enum Factor: String, Hashable, Sendable, CaseIterable {
    case password, totp, webauthn, oidc, pam, sshkey, device, recovery

    /// Whether it proves more than that somebody knows a password.
    package var isSecond: Bool { self != .password }
}

/// Which factors were shown, each with the last time.
package typealias ProvenFactors = [Factor: UnixTime]
