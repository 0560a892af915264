package import Authority
package import AuthorityAPI
package import Names

/// What a provider gave out to ask again by. Never stored unsealed.
package enum UpstreamToken: Sendable {
    case refresh(Secret<String>)
    /// Where it gives out no refresh tokens.
    case access(Secret<String>)

    /// For sealing: one byte of kind, then the token.
    package var bytes: [UInt8] {
        switch self {
        case .refresh(let token): token.withExposed { [1] + Array($0.utf8) }
        case .access(let token): token.withExposed { [2] + Array($0.utf8) }
        }
    }

    package init?(_ bytes: [UInt8]) {
        let token = Secret(String(decoding: bytes.dropFirst(), as: UTF8.self))
        switch bytes.first {
        case 1: self = .refresh(token)
        case 2: self = .access(token)
        default: return nil
        }
    }
}

/// Whom a provider vouches for, and for what about them.
package struct Vouched: Sendable {
    package let subject: String
    package let claims: JSONValue
    package let token: UpstreamToken?
    /// nil where nothing was said about groups.
    package let groups: Set<Name>?
    package let login: VouchedLogin
    private let settings: ProviderSettings

    /// - Parameter isWhole: Whether an ID token is among the claims, so that what they do not say is not so.
    init(
        subject: String, claims: JSONValue, isWhole: Bool, token: UpstreamToken?, _ settings: ProviderSettings
    ) {
        self.subject = subject
        self.claims = claims
        self.token = token
        self.settings = settings
        groups = settings.rules.groups(claims, isWhole: isWhole)
        login = settings.rules.login(claims, isWhole: isWhole)
    }

    /// For a sign-in.
    var arrival: UpstreamArrival {
        UpstreamArrival(
            account: UpstreamSubject(issuer: settings.issuer.text, subject: subject), token: token?.bytes,
            groups: groups, login: login, name: settings.rules.name(claims))
    }
}
