package import Names
package import SSHFormats

/// What happened. The raw values are part of the export format and never change.
package enum EventAction: String, Hashable, Sendable, CaseIterable {
    case authorityCreated = "authority.created"
    case identityAdded = "identity.added"
    case identityChanged = "identity.changed"
    case identitySuspended = "identity.suspended"
    case identityResumed = "identity.resumed"
    case identityRetired = "identity.retired"
    case deviceLost = "device.lost"
    case linkMade = "link.made"
    case linkRedeemed = "link.redeemed"
    case enrolled = "enrolled"
    case keyRegistered = "key.registered"
    case keyChanged = "key.changed"
    case keyReauthorized = "key.reauthorized"
    case factorSet = "factor.set"
    case signedIn = "sign-in.done"
    case signInRefused = "sign-in.refused"
    /// Somebody without factors asks to be let back in, whoever it is.
    case recoveryAsked = "recovery.asked"
    /// A person has a new device, new factors, and no session of before.
    case recovered = "recovery.done"
    case recoveryRefused = "recovery.refused"
    case signInApproved = "sign-in.approved"
    case signInDenied = "sign-in.denied"
    /// A passkey showed a count that it had shown before: there may be a copy of it.
    case signCountFell = "factor.sign-count-fell"
    case steppedUp = "session.stepped-up"
    case signedOut = "session.ended"
    /// By its person from elsewhere, or by somebody with a role on the authority.
    case sessionRevoked = "session.revoked"
    /// A host ended live sessions that came by what was revoked.
    case sessionsEndedOnHost = "host.sessions-ended"
    case upstreamLinked = "upstream.linked"
    case upstreamUnlinked = "upstream.unlinked"
    case groupAdded = "group.added"
    case groupChanged = "group.changed"
    case groupRemoved = "group.removed"
    case provisionerTokenMade = "provisioner.token-made"
    case provisionerTokenEnded = "provisioner.token-ended"
    /// A person was given into a provisioner's hands, or taken out of them.
    case provisionerGiven = "provisioner.person-given"
    case provisionerTaken = "provisioner.person-taken"
    case policyApplied = "policy.applied"
    case policyRefused = "policy.refused"
    case certificateIssued = "certificate.issued"
    case certificateRefused = "certificate.refused"
    case revoked = "revoked"
    case denied = "denied"
    /// Somebody with a role on the authority looked at what is others'.
    case read = "read"
    case approvalAsked = "request.made"
    case approvalGiven = "request.approved"
    case approvalDenied = "request.denied"
    /// Its time is over, or what it rested on changed. That it was used, `certificate.issued` says.
    case approvalEnded = "request.expired"
    case serialsVoided = "serials.voided"
    case authorityRestored = "authority.restored"
    case ledgerPruned = "ledger.pruned"
    case caKeyPrepared = "ca.prepared"
    /// It signs from now on, and the one that did is retiring.
    case caKeySigning = "ca.signing"
    case caKeyRetired = "ca.retired"
    /// A rotation need not wait for that host or device.
    case caWaived = "ca.waived"
}

/// A value of an event's detail. Texts are escaped and capped when written, so one event stays one record.
package enum EventValue: Hashable, Sendable {
    case text(String)
    case number(UInt64)
    case list([String])
}

/// One entry of the ledger: who did what to whom, from where, and how it ended.
package struct Event: Hashable, Sendable {
    package let time: UnixTime
    package let action: EventAction
    package let actor: IdentityID?
    package let subject: String?
    package let requestID: String
    package let source: String
    /// nil where it succeeded.
    package let refusal: Refusal?
    package let details: [String: EventValue]

    package init(
        time: UnixTime, action: EventAction, actor: IdentityID?, subject: String? = nil,
        requestID: String, source: String, refusal: Refusal? = nil, details: [String: EventValue] = [:]
    ) {
        self.time = time
        self.action = action
        self.actor = actor
        self.subject = subject
        self.requestID = requestID
        self.source = source
        self.refusal = refusal
        self.details = details
    }
}
