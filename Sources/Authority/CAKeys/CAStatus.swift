package import Names
package import SSHFormats

/// Where the rotation of one certificate authority stands.
package struct CAStatus: Hashable, Sendable {
    package let authority: CertificateAuthority
    /// In the order in which they came; the retired ones of which no host or certificate is left are not among them.
    package let keys: [CAKey]
    /// What has to be there before the next step.
    package let waiting: [CAWait]
    package let waived: [CAWaiver]
    /// Hosts that are not known to distrust a retired key.
    package let stillTrusting: [CAWait]
    /// Sentences: what comes next, and what cannot be known.
    package let next: [String]
    /// Sentences: what an emergency rotation would break now.
    package let breaks: [String]
}

/// Somebody or something that a rotation waits for, with the rest of a sentence.
package struct CAWait: Hashable, Sendable {
    /// The key that it is about.
    package let key: Fingerprint
    /// nil where it is no host or device, but time.
    package let holder: IdentityID?
    package let words: String

    init(_ key: Fingerprint, _ holder: IdentityID?, _ words: String) {
        self.key = key
        self.holder = holder
        self.words = words
    }
}
