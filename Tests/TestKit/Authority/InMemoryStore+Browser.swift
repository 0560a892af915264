package import Authority
import SSHFormats

extension InMemoryStore.Contents {
    mutating func applyBrowser(_ fact: Fact) throws(RefusedFact) {
        switch fact {
        case .browserSignInAsked(let new, let most):
            browserSignIns.removeAll { $0.notAfter < new.askedAt.advanced(by: -3_600) }
            let waiting = browserSignIns.filter { $0.isOpen(at: new.askedAt) }
            let network = SourceNetwork.of(new.source)
            guard waiting.count < 10 * most,
                waiting.count(where: { SourceNetwork.of($0.source) == network }) < most
            else { throw RefusedFact(.tooMany) }
            guard !browserSignIns.contains(where: { $0.id == new.id }) else { throw RefusedFact(.exists) }
            browserSignIns.append(new)
        case .browserSignInMoved(let moved):
            guard
                let place = browserSignIns.firstIndex(where: {
                    $0.id == moved.id && $0.turn + 1 == moved.turn
                })
            else { throw RefusedFact(.stepUsed) }
            browserSignIns[place] = moved
        default: break
        }
    }
}

extension InMemoryStore: BrowserSignIns {
    package func browserSignIn(id: String) throws(StoreError) -> BrowserSignIn? {
        try checkReads()
        return contents.browserSignIns.first { $0.id == id }
    }

    package func browserSignIn(state: [UInt8]) throws(StoreError) -> BrowserSignIn? {
        try checkReads()
        return contents.browserSignIns.first { $0.state == state }
    }
}
