package import Authority
package import SSHFormats

extension Records: Journal {
    package func record(_ entry: Entry) async throws(StoreError) -> Receipt {
        let receipt = try await commits.perform { group throws(StoreError) in try group.record(entry) }
        if entry.facts.contains(where: { !$0.moves.isEmpty }) { RequestScope.current?.forget() }
        return receipt
    }

    package func remembered(
        _ claim: IdempotencyClaim, at now: UnixTime
    ) async throws(StoreError) -> RememberedReply? {
        guard presence.claims.mayHold(claim.scopeHash) else { return nil }
        return try await points.perform { session throws(StoreError) in
            try RememberedReply.find(claim.scopeHash, at: now, session)
        }
    }
}
