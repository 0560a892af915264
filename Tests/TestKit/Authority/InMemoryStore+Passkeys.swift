package import Authority
package import Names
import SSHFormats

extension InMemoryStore.Contents {
    mutating func applyPasskey(_ fact: Fact) throws(RefusedFact) {
        switch fact {
        case .passkeyAsked(let new):
            passkeyRequests.removeAll {
                $0.askedAt < new.askedAt.advanced(by: -Int64(PasskeyRequest.kept))
            }
            let isKnown = passkeyRequests.contains { $0.id == new.id || $0.tokenHash == new.tokenHash }
            guard !isKnown else { throw RefusedFact(.exists) }
            passkeyRequests.append(new)
        case .passkeyMoved(let id, let state, let proof):
            guard let place = passkeyRequests.firstIndex(where: { $0.id == id }),
                state.sources.contains(passkeyRequests[place].state)
            else { throw RefusedFact(.stepUsed) }
            passkeyRequests[place].state = state
            if let proof { passkeyRequests[place].proof = proof }
        case .passkeyAdded(let new):
            let isKnown = passkeys.contains {
                $0.id == new.id || ($0.person == new.person && $0.name == new.name)
            }
            guard !isKnown else { throw RefusedFact(.exists) }
            passkeys.append(new)
        case .passkeyUsed(let id, let use):
            guard let place = passkeys.firstIndex(where: { $0.id == id }),
                passkeys[place].mayCount(use.signCount)
            else { throw RefusedFact(.stepUsed) }
            passkeys[place].signCount = use.signCount
            passkeys[place].isBackedUp = use.isBackedUp
            passkeys[place].lastUsedAt = use.at
        case .passkeyRemoved(let id, let person):
            guard let place = passkeys.firstIndex(where: { $0.id == id && $0.person == person }) else {
                throw RefusedFact(.missing)
            }
            passkeys.remove(at: place)
        default: return
        }
    }
}

extension InMemoryStore: Passkeys {
    package func passkeyRequest(tokenHash: [UInt8]) throws(StoreError) -> PasskeyRequest? {
        try checkReads()
        return contents.passkeyRequests.first { $0.tokenHash == tokenHash }
    }

    package func passkeyRequest(id: String) -> PasskeyRequest? {
        contents.passkeyRequests.first { $0.id == id }
    }

    package func passkey(id: [UInt8]) -> Passkey? { contents.passkeys.first { $0.id == id } }

    package func passkeys(of person: IdentityID) -> [Passkey] {
        contents.passkeys.filter { $0.person == person }
            .sorted { ($0.createdAt, $0.name) < ($1.createdAt, $1.name) }
    }
}
