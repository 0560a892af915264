package import SSHFormats

/// The authority's private keys, each with a profile that the signer process enforces whoever asks.
package enum SigningRole: String, Hashable, Sendable, CaseIterable {
    case userCA, plainUserCA, hostCA, tlsRoot, token, checkpoint, hostState
}

package enum SignerError: Error, Hashable, Sendable {
    /// The signer's profile forbids it; `code` is the signer's.
    case refused(code: String, reason: String)
    /// Not there or too slow: nothing was signed that will be released; try again.
    case unavailable(reason: String)
    /// Its keys wait for somebody to unlock them: nothing is signed until then.
    case sealed
}

/// The right to one signature over one certificate. Consumed by its use: a second one does not compile.
package struct SigningPermit: ~Copyable {
    package let role: SigningRole
    package let toBeSigned: [UInt8]

    package init(_ draft: CertificateDraft, by authority: CertificateAuthority) {
        role =
            switch authority {
            case .user: .userCA
            case .plainUser: .plainUserCA
            case .host: .hostCA
            }
        toBeSigned = draft.toBeSigned
    }
}

package protocol Signer: Sendable {
    func publicKeys() async throws(SignerError) -> [SigningRole: PublicKey]
    func sign(_ permit: consuming SigningPermit) async throws(SignerError) -> Signature
    /// Signs a checkpoint body (C2SP tlog-checkpoint); the signer remembers (size, root) and signs only growth
    /// that `consistency` (RFC 9162 §2.1.4) proves from what it remembers. Returns the 64 bytes of Ed25519.
    func signCheckpoint(body: [UInt8], consistency: [[UInt8]]) async throws(SignerError) -> [UInt8]
    /// The size it remembers: consistency must be proven from there.
    func checkpointSize() async throws(SignerError) -> UInt64
    /// Signs an encoded `HostState`; returns the 64 bytes of Ed25519.
    func signHostState(_ payload: [UInt8]) async throws(SignerError) -> [UInt8]
    /// Signs the DER of a TBSCertificate with the TLS root; returns the DER ECDSA signature.
    func signTLS(toBeSigned: [UInt8]) async throws(SignerError) -> [UInt8]
}

extension SignerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .refused(let code, let reason): "the signer refuses (\(code)): \(reason)"
        case .unavailable(let reason): "the signer is not there: \(reason)"
        case .sealed: "the signer is sealed: unlock it with `reeve-signer unlock`"
        }
    }
}
