package import Names
package import SSHFormats

/// What became of a request that needs approvals.
package enum ApprovalState: String, Hashable, Sendable, CaseIterable {
    /// Waits for people.
    case open
    /// Enough of them agreed; it can be used once.
    case approved
    /// Somebody said no, or the requester took it back.
    case denied
    /// A certificate came of it.
    case used
    /// Nobody decided in time, or what it rested on changed.
    case expired

    /// Whether votes and a certificate may still come.
    package var isLive: Bool { self == .open || self == .approved }
}

/// What a request is for.
package enum ApprovalSubject: Hashable, Sendable {
    /// A certificate by this grant; without a host for all places of the grant.
    case certificate(grant: Name, host: Name?, login: Login)
    /// To be let back in without factors. Whoever agrees must know the number that the terminal of the requester shows.
    case recovery(number: String)
    /// An act on the authority, by its method and path; what it says stands in the document.
    case act(grant: Name, String)

    package enum Kind: String, Hashable, Sendable, CaseIterable { case certificate, recovery, act }

    package var kind: Kind {
        switch self {
        case .certificate: .certificate
        case .recovery: .recovery
        case .act: .act
        }
    }
}

/// A request that other people must agree to, as it was asked.
package struct ApprovalRequest: Hashable, Sendable {
    /// From 1, in the order in which they were asked.
    package let number: UInt64
    /// SHA-256 of who asked for what, by which the same request is found again.
    package let wish: [UInt8]
    /// Who asks; for a recovery, who they say that they are.
    package let requester: IdentityID
    package let device: IdentityID?
    package let subject: ApprovalSubject
    /// The rule of the grant, or of recoveries, when it was asked.
    package let approval: Approval
    /// The policy that it was decided by. Under another nothing of it counts.
    package let policy: UInt64
    /// Numeric address that it was asked from.
    package let source: String
    /// Why, in the words of the requester.
    package let reason: String?
    /// All that is signed; see ``ApprovalDocument``, ``RecoveryDocument`` and ``ActDocument``.
    package let document: String
    package let askedAt: UnixTime
    package let notAfter: UnixTime
    package var state: ApprovalState

    package init(
        number: UInt64, wish: [UInt8], requester: IdentityID, device: IdentityID?, subject: ApprovalSubject,
        approval: Approval, policy: UInt64, source: String, reason: String?, document: String,
        askedAt: UnixTime, notAfter: UnixTime, state: ApprovalState = .open
    ) {
        self.number = number
        self.wish = wish
        self.requester = requester
        self.device = device
        self.subject = subject
        self.approval = approval
        self.policy = policy
        self.source = source
        self.reason = reason
        self.document = document
        self.askedAt = askedAt
        self.notAfter = notAfter
        self.state = state
    }

    /// What it is now, whether or not somebody wrote down already that its time is over.
    package func state(at now: UnixTime) -> ApprovalState {
        state.isLive && notAfter <= now ? .expired : state
    }
}

/// What one person said of a request, with their signature.
package struct ApprovalVote: Hashable, Sendable {
    package let person: IdentityID
    package let isApproval: Bool
    package let reason: String?
    /// The key that signed.
    package let key: Fingerprint
    /// Armoured SSHSIG over the statement.
    package let signature: String
    package let at: UnixTime

    package init(
        person: IdentityID, isApproval: Bool, reason: String?, key: Fingerprint, signature: String,
        at: UnixTime
    ) {
        self.person = person
        self.isApproval = isApproval
        self.reason = reason
        self.key = key
        self.signature = signature
        self.at = at
    }
}

/// A request with all that was said of it, in that order.
package struct ApprovalFound: Hashable, Sendable {
    package let request: ApprovalRequest
    package let votes: [ApprovalVote]

    package init(request: ApprovalRequest, votes: [ApprovalVote]) {
        self.request = request
        self.votes = votes
    }

    var approvers: [IdentityID] { votes.filter(\.isApproval).map(\.person) }

    /// What the ledger says of its use.
    var use: [String: EventValue] {
        [
            "approvalRequest": .number(request.number),
            "approvedBy": .list(approvers.map(\.description).sorted()),
        ]
    }
}

extension ApprovalRequest {
    /// The number that whoever agrees must know; nil where there is none.
    package var numberShown: String? {
        guard case .recovery(let number) = subject else { return nil }
        return number
    }

    /// What the ledger says of it.
    var details: [String: EventValue] {
        var details: [String: EventValue] = [
            "needs": .number(approval.count), "group": .text(approval.by.text),
            "requester": .text(requester.description),
            "document": .text(Hexadecimal.text(TokenHash.of(document))),
            "notAfter": .number(notAfter.seconds),
        ]
        switch subject {
        case .certificate(let grant, let host, let login):
            details["grant"] = .text(grant.text)
            details["as"] = .text(login.text)
            if let host { details["to"] = .text(host.text) }
        case .recovery: details["for"] = .text(subject.kind.rawValue)
        case .act(let grant, let act):
            details["grant"] = .text(grant.text)
            details["act"] = .text(act)
        }
        if let reason { details["why"] = .text(reason) }
        return details
    }
}

/// For how long requests wait, and how many of one identity do.
package struct ApprovalLimits: Hashable, Sendable {
    /// Seconds from the question to its end, used or not.
    package let lasting: UInt64
    package let mostOpen: Int
    /// The same for recoveries, of one person and from one address.
    package let mostRecoveries: Int

    package init(lasting: UInt64 = 3_600, mostOpen: Int = 8, mostRecoveries: Int = 3) {
        self.lasting = lasting
        self.mostOpen = mostOpen
        self.mostRecoveries = mostRecoveries
    }
}
