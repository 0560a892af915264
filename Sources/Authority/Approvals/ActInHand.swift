import HostDocuments
import Names
import SSHFormats
import Synchronization

/// The act on the authority that a call is, exactly as it was sent. Where a grant asks for approvals, this is what others sign,
/// and it happens together with the use of what they signed.
package final class ActInHand: Sendable {
    @TaskLocal package static var current: ActInHand?

    /// Method and path.
    let name: String
    let body: [UInt8]
    let reason: String?
    /// What the body says, in the order of its names: all of it, a line each.
    let fields: @Sendable () -> [(name: String, value: String)]
    private let state = Mutex<ApprovalFound?>(nil)

    package init(
        _ name: String, body: [UInt8], reason: String?,
        fields: @escaping @Sendable () -> [(name: String, value: String)]
    ) {
        self.name = name
        self.body = body
        self.reason = reason
        self.fields = fields
    }

    /// What everybody needed agreed to; it is used with the next thing that is written down.
    var approved: ApprovalFound? { state.withLock { $0 } }

    func allow(_ found: ApprovalFound) { state.withLock { $0 = found } }
    /// It happened.
    func finish() { state.withLock { $0 = nil } }
}

/// An act as people sign it.
struct ActDocument: Sendable {
    let origin: String
    let act: ActInHand
    let role: AuthorityRole
    let grant: Name
    let requester: IdentityID
    let device: IdentityID?
    let approval: Approval
    let policy: UInt64

    func text(_ asked: ApprovalDocument.Asked) -> String {
        var lines = ApprovalLines()
        lines.add("keyreeve act request", "version 1")
        lines.add("authority", origin)
        lines.add("request", String(asked.number))
        lines.add("who", requester.description)
        lines.add("device", device?.description ?? "none")
        lines.add("act", act.name)
        lines.add("role", role.rawValue)
        lines.add("grant", grant.text)
        lines.add("reason", asked.reason ?? "none given")
        for field in act.fields() { lines.add("says \(field.name)", field.value) }
        lines.add("body", "SHA-256 \(Hexadecimal.text(TokenHash.of(act.body)))")
        lines.add("asked from", asked.source)
        lines.add("asked at", asked.at.utcText)
        lines.add("ends at", asked.notAfter.utcText)
        lines.add("needs", "\(approval.count) of group:\(approval.by)")
        lines.add("policy", "version \(policy)")
        return lines.text
    }
}

extension ApprovalGate.Waiting {
    /// An act on the authority. A reason is part of what was sent, so with another it is another act.
    init(
        _ act: ActInHand, _ role: AuthorityRole, _ grant: Name, _ approval: Approval, policy: UInt64,
        _ rules: Policy, by requester: Requester, origin: String
    ) {
        let document = ActDocument(
            origin: origin, act: act, role: role, grant: grant, requester: requester.identity.id,
            device: requester.device?.id, approval: approval, policy: policy)
        var writer = WireWriter(capacity: 512)
        for text in [
            requester.identity.id.description, requester.device?.id.description ?? "", act.name,
        ] { writer.string(text) }
        writer.string(act.body)
        self.init(
            subject: .act(grant: grant, act.name), approval: approval, policy: policy, rules: rules,
            wish: TokenHash.of(writer.bytes), reason: act.reason, document: { document.text($0) })
    }
}

extension PolicyDesk {
    /// What the policy says to an act; where nothing is missing but approvals, and they were given for this very act, it is
    /// allowed.
    func decide(
        _ role: AuthorityRole, _ requester: Requester, _ policy: Policy, at now: UnixTime
    ) async throws(AuthorityError) -> AuthorityDecision {
        let decision = policy.mayAct(role, subject: Subject(requester), at: now)
        guard case .refused(.approvalRequired, let nearest?, _) = decision, let act = ActInHand.current,
            let approval = policy.grants.first(where: { $0.name == nearest })?.approve
        else { return decision }
        // One act may ask for several roles.
        if case .act(nearest, _) = act.approved?.request.subject { return .allowed(grant: nearest) }
        let (version, present) = try await current()
        // Decided by a policy that is no longer in force.
        guard present == policy else { throw .store(.busy) }
        let waiting = ApprovalGate.Waiting(
            act, role, nearest, approval, policy: version.version, policy, by: requester,
            origin: approvals.origin)
        guard waiting.document(.probe(now)).utf8.count <= ApprovalStatement.longestRequest - 1_024 else {
            throw .refused(
                .badRequest, "this is too long for others to read and sign: grant it without `approve`")
        }
        act.allow(try await approvals.passed(waiting, by: requester, at: now))
        return .allowed(grant: nearest)
    }
}

extension ApprovalDocument.Asked {
    /// As long as any.
    fileprivate static func probe(_ now: UnixTime) -> Self {
        Self(number: .max, source: String(repeating: "0", count: 64), reason: nil, at: now, notAfter: now)
    }
}
