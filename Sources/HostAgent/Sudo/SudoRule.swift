import HostDocuments
package import SSHFormats

/// Whether the certificate of a login still lets somebody act here, by nothing but what this host holds.
package struct SudoRule: Sendable {
    package let state: VerifiedState
    package let login: String
    /// Seconds after which news count as withheld.
    package let grace: UInt64
    package let now: UnixTime

    package init(state: VerifiedState, login: String, grace: UInt64, now: UnixTime) {
        self.state = state
        self.login = login
        self.grace = grace
        self.now = now
    }

    /// Seconds by which this clock may be behind the authority's.
    private static let tolerance: Int64 = 60

    /// - Throws: ``SudoRefusal``, the first that applies. What is not known is refused.
    package func check(_ certificate: Certificate) throws(SudoRefusal) {
        let issued = UnixTime(state.state.issuedAt)
        guard now.advanced(by: Self.tolerance) >= issued else { throw .clock }
        guard now < issued.advanced(by: Int64(clamping: grace)) else { throw .noNews(since: issued) }
        guard certificate.kind == .user else { throw .notForUsers }
        guard state.state.userCAKeys.contains(certificate.signatureKey) else { throw .otherAuthority }
        do { try certificate.verifySignature() } catch { throw .otherAuthority }
        if let reason = state.krl.reason(for: certificate) { throw .revoked(reason) }
        guard let principals = certificate.principals else { throw .noPrincipals }
        guard certificate.criticalOptions.unknown.isEmpty else { throw .unknownOption }
        guard places.contains(where: { principals.contains("\(login)@\($0)") }) else { throw .otherPlace }
        guard let validity = certificate.validity, validity.validAfter <= now else { throw .notYet }
        guard validity.contains(now) else { throw .expired(certificate.validBefore) }
    }

    private var places: [String] { [state.state.host] + state.state.labels }
}

/// Why somebody may not act, in words for them.
package enum SudoRefusal: Error, Hashable, Sendable {
    /// The process belongs to no login that came by a certificate.
    case noSession
    case otherLogin(String)
    case noState
    case clock
    case noNews(since: UnixTime)
    case notForUsers
    case otherAuthority
    case revoked(KRL.Reason)
    case noPrincipals
    case unknownOption
    case otherPlace
    case notYet
    case expired(UnixTime)
    /// The agent has more to answer than it can.
    case busy
    case unreadable
}

extension SudoRefusal {
    package var sentence: String {
        switch self {
        case .noSession: "this session is not known to have come by a certificate; log in with `reeve ssh`"
        case .otherLogin(let login): "this session is \(login)'s, whose certificate does not speak for others"
        case .noState: "this host holds no state of its authority; an admin runs `reeve-agent status`"
        case .clock: "this host's clock is behind; an admin sets it"
        case .noNews(let since):
            "this host has had no news since \(since.utcText), too long to know what was revoked"
        case .notForUsers: "the certificate of this login is not one for users"
        case .otherAuthority: "the certificate of this login is not by an authority that this host trusts"
        case .revoked: "the certificate of this login has been revoked"
        case .noPrincipals: "the certificate of this login names no principal"
        case .unknownOption: "the certificate of this login demands something that is not known here"
        case .otherPlace: "the certificate of this login is no longer for this login on this host"
        case .notYet: "the certificate of this login does not count yet"
        case .expired(let end):
            "the certificate of this login ended at \(end.utcText); log in again with `reeve ssh`"
        case .busy: "reeve-agent has too much to answer; try again"
        case .unreadable: "what pam_reeve asked cannot be read; are it and reeve-agent of one version?"
        }
    }
}
