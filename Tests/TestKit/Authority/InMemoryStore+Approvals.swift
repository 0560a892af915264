package import Authority
import Names
import SSHFormats

extension InMemoryStore: Approvals {
    package func approval(_ number: UInt64) -> ApprovalFound? {
        contents.approvals.first { $0.request.number == number }
    }

    package func approvals(_ query: ApprovalQuery) -> [ApprovalFound] {
        let found = contents.approvals.filter { kept in
            let request = kept.request
            return (!query.isLive || request.state.isLive)
                && (query.requester.map { $0 == request.requester } ?? true)
                && (query.wish.map { $0 == request.wish } ?? true)
                && (query.endedBy.map { request.notAfter <= $0 } ?? true)
                && (query.before.map { request.number < $0 } ?? true)
        }
        return Array(found.sorted { $0.request.number > $1.request.number }.prefix(query.limit))
    }

    package func lastApproval() -> UInt64 { contents.approvals.map(\.request.number).max() ?? 0 }
}

extension InMemoryStore.Contents {
    mutating func applyApproval(_ fact: Fact) throws(RefusedFact) {
        switch fact {
        case .approvalAsked(let request, let most):
            let live = approvals.map(\.request).filter {
                $0.subject.kind == request.subject.kind && $0.state.isLive
                    && $0.notAfter > request.askedAt
            }
            let isFree =
                live.count { $0.requester == request.requester } < most
                && (request.subject.kind != .recovery
                    || live.count { $0.source == request.source } < most)
            guard isFree else { throw RefusedFact(.tooMany) }
            guard !approvals.contains(where: { $0.request.number == request.number }) else {
                throw RefusedFact(.exists)
            }
            approvals.append(ApprovalFound(request: request, votes: []))
        case .approvalVoted(let number, let vote):
            let place = try live(number)
            guard approvals[place].request.notAfter > vote.at else { throw RefusedFact(.approvalGone) }
            var votes = approvals[place].votes
            if let former = votes.firstIndex(where: { $0.person == vote.person }) {
                guard votes[former].isApproval, !vote.isApproval else { throw RefusedFact(.exists) }
                votes.remove(at: former)
            }
            votes.append(vote)
            let given = votes.count { $0.isApproval }
            let isEnough = UInt64(given) >= approvals[place].request.approval.count
            set(place, vote.isApproval ? (isEnough ? .approved : nil) : .denied, votes)
        case .approvalUsed(let number, let at):
            let place = try live(number)
            guard approvals[place].request.state == .approved, approvals[place].request.notAfter > at else {
                throw RefusedFact(.approvalGone)
            }
            set(place, .used, approvals[place].votes)
        case .approvalEnded(let number, _):
            let place = try live(number)
            set(place, .expired, approvals[place].votes)
        default: return
        }
    }

    private func live(_ number: UInt64) throws(RefusedFact) -> Int {
        guard let place = approvals.firstIndex(where: { $0.request.number == number }),
            approvals[place].request.state.isLive
        else { throw RefusedFact(.approvalGone) }
        return place
    }

    private mutating func set(_ place: Int, _ state: ApprovalState?, _ votes: [ApprovalVote]) {
        var request = approvals[place].request
        request.state = state ?? request.state
        approvals[place] = ApprovalFound(request: request, votes: votes)
    }
}
