/// Why a provider did not say who somebody is. Its own words never get further than ``Code``.
package enum ProviderFault: Error, Hashable, Sendable {
    /// It cannot be reached, takes too long, or answers too much or nonsense: nothing is known. `reason` is ours.
    case unavailable(reason: String)
    /// It says no.
    case denied(Code)
    /// What came is not what was asked for, or not from whom it should be. `reason` is ours.
    case untrusted(reason: String)

    /// `error` of an answer (RFC 6749 §4.1.2.1, §5.2), if it is one of those; its description is not read.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case invalidGrant = "invalid_grant"
        case unauthorizedClient = "unauthorized_client"
        case unsupportedGrantType = "unsupported_grant_type"
        case unsupportedResponseType = "unsupported_response_type"
        case invalidScope = "invalid_scope"
        case invalidToken = "invalid_token"
        case accessDenied = "access_denied"
        case serverError = "server_error"
        case temporarilyUnavailable = "temporarily_unavailable"
        case interactionRequired = "interaction_required"
        case loginRequired = "login_required"
        case consentRequired = "consent_required"
        case other = "other"

        package init(_ text: String) { self = Code(rawValue: text) ?? .other }
    }
}

extension ProviderFault: CustomStringConvertible {
    /// For the log and the ledger.
    package var description: String {
        switch self {
        case .unavailable(let reason): "unavailable: \(reason)"
        case .denied(let code): "denied: \(code.rawValue)"
        case .untrusted(let reason): "untrusted: \(reason)"
        }
    }
}
