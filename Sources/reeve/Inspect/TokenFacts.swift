import AuthorityAPI

/// A JWT or a DPoP proof: decoded, not verified.
struct TokenFacts: InspectedFacts {
    private let kind: String
    private let token: UnverifiedToken

    private enum CodingKeys: String, CodingKey { case kind, verified, header, claims }

    init(_ token: UnverifiedToken) {
        self.token = token
        kind = token.type?.lowercased() == "dpop+jwt" ? "DPoP proof" : "token"
    }

    var lines: [String] {
        ["\(kind): decoded, NOT verified; it proves nothing"]
            + token.header.map { "header \(Output.word($0.name)): \($0.text)" }
            + token.claims.map { claim in
                let time = claim.time.map { " (\(Moment.text($0)))" } ?? ""
                return "\(Output.word(claim.name)): \(claim.text)" + time
            }
    }

    func encode(to encoder: any Encoder) throws {
        try token.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        try container.encode(false, forKey: .verified)
    }
}
