package import Authority
package import Names
import SSHFormats

extension InMemoryStore.Contents {
    mutating func applyUpstream(_ fact: Fact) throws(RefusedFact) {
        switch fact {
        case .upstreamLinked(let link):
            guard place(of: link.account) == nil else { throw RefusedFact(.exists) }
            upstream.append(link)
        case .upstreamUnlinked(let account):
            guard let place = place(of: account) else { throw RefusedFact(.missing) }
            upstream.remove(at: place)
        case .upstreamStood(let account, let token, let at):
            guard let place = place(of: account) else { throw RefusedFact(.missing) }
            upstream[place].token = token
            upstream[place].checkedAt = at
            upstream[place].askedAt = nil
        case .upstreamAsked(let account, let since, let at):
            guard let place = place(of: account), upstream[place].askedAt == since else {
                throw RefusedFact(.stepUsed)
            }
            upstream[place].askedAt = at
        case .groupsSet(let id, let source, let names):
            guard groups[id]?[source] ?? [] != names else { return }
            guard let place = identities.firstIndex(where: { $0.id == id }) else {
                throw RefusedFact(.missing)
            }
            groups[id, default: [:]][source] = names
            identities[place].groups = (groups[id] ?? [:]).values.reduce(into: []) { $0.formUnion($1) }
            standing += 1
        default: return
        }
    }

    private func place(of account: UpstreamSubject) -> Int? {
        upstream.firstIndex { $0.account == account }
    }
}

extension InMemoryStore: UpstreamLinks {
    package func upstreamLink(_ account: UpstreamSubject) -> UpstreamLink? {
        contents.upstream.first { $0.account == account }
    }

    package func upstreamLinks(of person: IdentityID) -> [UpstreamLink] {
        contents.upstream.filter { $0.person == person }
            .sorted { ($0.account.issuer, $0.account.subject) < ($1.account.issuer, $1.account.subject) }
    }
}
