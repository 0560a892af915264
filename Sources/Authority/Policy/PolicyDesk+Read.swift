import Names
import SSHFormats

extension PolicyDesk {
    /// Lets somebody with this role look at what is others', and records that they did, with the grant that allows it.
    func read(
        _ role: AuthorityRole, _ requester: Requester, on subject: String, policy: Policy? = nil
    ) async throws(AuthorityError) {
        let known = if let policy { policy } else { try await current().policy }
        try await read(
            known.mayAct(role, subject: Subject(requester), at: recorder.world.now()), requester, on: subject)
    }

    /// The same where any role on the authority will do.
    func readWithAnyRole(
        _ requester: Requester, on subject: String, policy: Policy
    ) async throws(AuthorityError) {
        let now = recorder.world.now()
        let decisions = [AuthorityRole.auditor, .helpdesk, .enroller].map {
            policy.mayAct($0, subject: Subject(requester), at: now)
        }
        // Somebody who has a role and lacks, say, a device is told so.
        let nearest =
            decisions.first { !$0.isWithoutRole }
            ?? .refused(
                .adminRequired, nearest: nil,
                missing: ["no grant on the authority is for \(requester.identity.id)"])
        let decision = decisions.first(where: \.isAllowed) ?? nearest
        try await read(decision, requester, on: subject)
    }

    private func read(
        _ decision: AuthorityDecision, _ requester: Requester, on subject: String
    ) async throws(AuthorityError) {
        let now = recorder.world.now()
        switch decision {
        case .allowed(let grant):
            let event = Event(
                .read, by: requester, on: subject, at: now, details: ["grant": .text(grant.text)])
            _ = try await recorder.record([], event, true, once: .unclaimed)
        case .refused(let refusal, _, let missing):
            throw await recorder.deny(
                Refused(refusal, missing.joined(separator: "; ")),
                Event(.read, by: requester, on: subject, at: now))
        }
    }
}
