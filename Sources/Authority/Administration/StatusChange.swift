import Names
import SSHFormats

extension EventAction {
    /// What it is called that an identity comes into this status.
    init(becoming status: IdentityStatus) {
        switch status {
        case .active: self = .identityResumed
        case .suspended: self = .identitySuspended
        case .retired: self = .identityRetired
        }
    }
}

extension Directory {
    /// What an identity's new status brings about, whoever ordered it: what stops being active loses its sessions and its
    /// running certificates, and a device's keys follow it.
    ///
    /// - Parameter identity: As it is to be.
    func statusFacts(of identity: Identity, at now: UnixTime) async throws(AuthorityError) -> [Fact] {
        let (id, status) = (identity.id, identity.status)
        let keys = id.kind == .device ? try await keyChanges(of: id, to: status.keyState) : []
        let action = EventAction(becoming: status)
        let ending: [Fact] = [
            .sessionsEnded(of: id, at: now),
            .revoked(Revocation(target: .identity(id), reason: action.rawValue, at: now)),
        ]
        return [.identityChanged(identity)] + keys + (status == .active ? [] : ending)
    }
}

extension PolicyDesk {
    /// Whether nobody else who is active could undo what is done without this one.
    func isLastAdmin(_ id: IdentityID, _ policy: Policy) async throws(AuthorityError) -> Bool {
        guard !policy.admins(among: [id]).isEmpty else { return false }
        let remaining = try await all(.person).filter { $0.status == .active && $0.id != id }
        return policy.admins(among: remaining.map(\.id)).isEmpty
    }
}
