import Authority
import AuthorityAPI
import HostDocuments
import Names
import SSHFormats

extension Routes {
    func requests(_ call: Call) async throws -> Answer {
        try call.query.only("number", "all", "ended", "before", "limit")
        if let number = try call.query.number("number") {
            let shown = try await authority.approvals.show(number, by: try call.requester)
            return .json(ApprovalListReply(requests: [ApprovalReply(shown)], more: false))
        }
        let limit = Int(clamping: min(max(try call.query.number("limit") ?? 200, 1), 200))
        let shown = try await authority.approvals.list(
            try flag("all", call.query) ? .everybody : .own, withEnded: try flag("ended", call.query),
            before: try call.query.number("before"), limit: limit, by: try call.requester)
        return .json(
            ApprovalListReply(requests: shown.map(ApprovalReply.init), more: shown.count == limit))
    }

    private func flag(_ name: String, _ query: Query) throws(DoorError) -> Bool {
        switch query.text(name) {
        case nil, "false": false
        case "true": true
        default: throw .badRequest("query: \(name) is true or false")
        }
    }

    func requestsDecide(_ call: Call) async throws -> Answer {
        let request = try call.message(ApprovalDecisionRequest.self)
        let signature: SSHSIG
        do { signature = try SSHSIG(armoured: request.signature) } catch {
            throw AuthorityError.refused(.badRequest, "signature: \(error)")
        }
        let said = ApprovalSaid(
            number: request.number,
            decision: try Field.choice("decision", request.decision, of: ApprovalStatement.Decision.self),
            reason: try request.reason.map { try Field.sentence("reason", $0) }, shown: request.shown,
            signature: signature)
        let once = call.once { (shown: ApprovalShown) in ApprovalReply(shown) }
        return Answer(try await authority.approvals.decide(said, by: try call.requester, once: once), once)
    }
}

extension ApprovalReply {
    fileprivate init(_ shown: ApprovalShown) {
        let request = shown.found.request
        var (grant, to, login): (String?, String?, String?) = (nil, nil, nil)
        var act: String?
        switch request.subject {
        case .certificate(let name, let host, let who):
            (grant, to, login) = (name.text, host?.text, who.text)
        case .act(let name, let done): (grant, act) = (name.text, done)
        case .recovery: break
        }
        let isSecret = request.subject.kind == .recovery && shown.state.isLive
        self.init(
            number: request.number, kind: request.subject.kind.rawValue, state: shown.state.rawValue,
            requester: request.requester.description, device: request.device?.description, grant: grant,
            to: to, as: login, act: act, reason: request.reason, needed: request.approval.count,
            group: request.approval.by.text, askedAt: request.askedAt.seconds,
            notAfter: request.notAfter.seconds, document: request.document,
            votes: shown.found.votes.map { Vote($0, isSecret ? nil : $0.signature) },
            waitsForYou: shown.waitsForYou)
    }
}

extension ApprovalReply.Vote {
    fileprivate init(_ vote: ApprovalVote, _ signature: String?) {
        self.init(
            person: vote.person.description, decision: vote.isApproval ? "approved" : "denied",
            reason: vote.reason, key: vote.key.description, signature: signature, at: vote.at.seconds)
    }
}
