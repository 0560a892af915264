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
    /// Groups of one person that are looked at.
    static let mostGroups = 1_024

    package let subject: String
    package let claims: JSONValue
    package let token: UpstreamToken?
    /// Those whose names can be groups here; others say nothing. nil where nothing was said about groups.
    package let groups: Set<Name>?

    init(subject: String, claims: JSONValue, token: UpstreamToken?, _ settings: ProviderSettings) {
        self.subject = subject
        self.claims = claims
        self.token = token
        groups = settings.groupsClaim.flatMap { claims[$0]?.texts }.map { texts in
            Set(texts.prefix(Vouched.mostGroups).compactMap { try? Name($0) })
        }
    }
}
