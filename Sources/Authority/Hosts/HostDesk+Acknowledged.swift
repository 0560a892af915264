package import Names

extension HostDesk {
    /// Keeps what a host says that it has in force. It is no event of the ledger: a host says it every few minutes. Sessions
    /// that it ended are one.
    ///
    /// - Returns: The version that hosts should have now.
    /// - Throws: `.refused(.stateChange)` for a state that was never given.
    package func acknowledge(
        _ state: HostStateNumber, issuedAt: UInt64, isEnforced: Bool, faults: [String],
        ended: [EndedSession] = [], by requester: Requester
    ) async throws(AuthorityError) -> UInt64 {
        guard requester.identity.id.kind == .host else { throw .refused(.notSignedIn) }
        let newest = try await newest()
        guard state <= newest else { throw .refused(.stateChange, "no host was given that state yet") }
        let said = HostAcknowledgement(
            host: requester.identity.id, state: state, issuedAt: issuedAt, isEnforced: isEnforced,
            faults: faults, ended: UInt64(ended.count), at: recorder.world.now())
        var event: Event?
        if !ended.isEmpty {
            event = Event(
                .sessionsEndedOnHost, by: requester, on: requester.identity.id.description, at: said.at,
                details: ["sessions": .list(ended.map(\.text)), "state": .number(state.version)])
        }
        do { _ = try await recorder.journal.record(Entry([.hostAcknowledged(said)], event: event)) } catch {
            throw .store(error)
        }
        return newest.version
    }

    /// How many hosts enforce a state; anybody who is signed in may know, as everybody may revoke what is their own.
    ///
    /// - Parameter version: Of this authority's states; nil: the newest.
    package func enforcement(
        of version: UInt64?, for requester: Requester
    ) async throws(AuthorityError) -> (state: HostStateNumber, found: Enforcement) {
        let state = try await number(version)
        do { return (state, try await acknowledgements.enforcement(of: state)) } catch {
            throw .store(error)
        }
    }

    /// Hosts with what they acknowledged, for whoever has a role on the authority.
    ///
    /// - Parameter version: Only hosts that do not enforce this one; nil: all.
    package func list(
        missing version: UInt64?, after: Name?, limit: Int, by requester: Requester
    ) async throws(AuthorityError) -> [HostFound] {
        let (_, policy) = try await policies.current()
        try await policies.readWithAnyRole(requester, on: "hosts", policy: policy)
        var query = HostQuery(after: after, limit: min(max(limit, 1), 500))
        if let version { query.missing = HostStateNumber(epoch: epoch, version: version) }
        do { return try await acknowledgements.hosts(query) } catch { throw .store(error) }
    }

    private func number(_ version: UInt64?) async throws(AuthorityError) -> HostStateNumber {
        guard let version else { return try await newest() }
        return HostStateNumber(epoch: epoch, version: version)
    }

    /// What hosts should have now.
    private func newest() async throws(AuthorityError) -> HostStateNumber {
        do {
            return HostStateNumber(epoch: epoch, version: try await certificates.hostStateVersion())
        } catch {
            throw .store(error)
        }
    }
}
