package import Names
package import SSHFormats

/// Which CA key signs a certificate. Serials are unique per CA key for ever.
package enum CertificateAuthority: String, Hashable, Sendable, CaseIterable {
    case user, plainUser, host
}

/// A certificate that was issued, as it is recorded: exactly these bytes were delivered.
package struct IssuedCertificate: Hashable, Sendable {
    package let authority: CertificateAuthority
    package let certificate: Certificate
    package let identity: IdentityID
    package let device: IdentityID?
    package let grant: Name?
    package let sessionID: String?
    package let issuedAt: UnixTime

    package init(
        authority: CertificateAuthority, certificate: Certificate, identity: IdentityID, device: IdentityID?,
        grant: Name?, sessionID: String?, issuedAt: UnixTime
    ) {
        self.authority = authority
        self.certificate = certificate
        self.identity = identity
        self.device = device
        self.grant = grant
        self.sessionID = sessionID
        self.issuedAt = issuedAt
    }
}
