package import Names
package import SSHFormats

/// One change of what is known, stated as a fact. Each names what must hold; where it does not, the whole entry
/// is refused with a ``Conflict`` and nothing of it is kept.
package enum Fact: Hashable, Sendable {
    /// Conflict `.exists` if there is one of that kind and name.
    case identityAdded(Identity)
    /// Replaces status and attributes. Conflict `.missing`.
    case identityChanged(Identity)
    /// Conflict `.keyTaken` if another identity ever held it; the same identity's again is no change.
    case keyRegistered(RegisteredKey)
    /// Conflict `.missing`.
    case keyChanged(Fingerprint, KeyState)
    /// Its holder, or who answers for it, says that it goes on. Conflict `.missing` unless it is active.
    case keyReauthorized(Fingerprint, at: UnixTime)
    /// Its last use, if it is registered and was not used later.
    case keyUsed(Fingerprint, at: UnixTime, from: String)
    /// A factor's secret, sealed; replaces the former one. Of a new TOTP secret no step was taken yet.
    case factorSet(IdentityID, Factor, sealed: [UInt8])
    /// Ends the older links of that identity that were not completed. Conflict `.exists` for the same token.
    case linkMade(EnrolmentLink)
    /// Binds the link to this key. Conflict `.linkUsed` if bound to another, completed or past `notAfter`.
    case linkRedeemed(tokenHash: [UInt8], by: Fingerprint, at: UnixTime)
    /// Ends the other links of that identity. Conflict `.linkUsed` unless bound to this key and not completed.
    case linkCompleted(tokenHash: [UInt8], by: Fingerprint, at: UnixTime)
    /// Replaces the recovery codes, each as it is compared.
    case recoveryCodesSet(IdentityID, hashes: [[UInt8]])
    /// Takes a code for good. Conflict `.stepUsed` if there is none such or it was used.
    case recoveryCodeUsed(IdentityID, hash: [UInt8], at: UnixTime)
    /// Replaces the last notice of that kind.
    case noticed(IdentityID, Notice)
    /// A sign-in waits for another device; what waited for that person a day ago is forgotten.
    case signInPending(PendingSignIn)
    /// Approved or denied if nobody decided, used if it was approved. Conflict `.stepUsed` else.
    case signInDecided(id: String, PendingSignIn.Decision)
    /// Something waits for a passkey; what waited five minutes ago is forgotten. Conflict `.exists`.
    case passkeyAsked(PasskeyRequest)
    /// Conflict `.stepUsed` unless it is in a state that this one comes from.
    case passkeyMoved(id: String, PasskeyRequest.State, PasskeyRequest.Proof?)
    /// Conflict `.exists` if anybody has it, or if the person has one of that name.
    case passkeyAdded(Passkey)
    /// Conflict `.stepUsed` where the count does not come after the last one (``Passkey/mayCount(_:)``).
    case passkeyUsed([UInt8], PasskeyUse)
    /// Conflict `.missing`.
    case passkeyRemoved([UInt8], of: IdentityID)
    /// A sign-in waits for a browser; what waited until an hour before that is forgotten. Conflict `.tooMany` if there
    /// are `most` from its network that are not over, or ten times as many at all.
    case browserSignInAsked(BrowserSignIn, most: Int)
    /// Replaces what became of it. Conflict `.stepUsed` unless it stood at the turn before.
    case browserSignInMoved(BrowserSignIn)
    case sessionStarted(Session, tokenHash: [UInt8])
    case sessionUsed(id: String, at: UnixTime)
    /// Replaces the factors of a session, if it was not ended.
    case factorsShown(session: String, ProvenFactors)
    case sessionEnded(id: String, at: UnixTime)
    /// Ends every session of the identity, and of devices that it owns.
    case sessionsEnded(of: IdentityID, at: UnixTime)
    /// Takes a TOTP time step for good. Conflict `.stepUsed` if this or a later one was taken.
    case totpStepTaken(IdentityID, step: UInt64)
    /// Conflict `.versionMoved` unless `version` is the present one plus one.
    case policyApplied(PolicyVersion)
    /// Conflict `.exists` for an account that is linked, with whomever.
    case upstreamLinked(UpstreamLink)
    /// Conflict `.missing`.
    case upstreamUnlinked(UpstreamSubject)
    /// The provider stood for the person, and gave out this (sealed). Conflict `.missing`.
    case upstreamStood(UpstreamSubject, token: [UInt8]?, at: UnixTime)
    /// The provider is about to be asked; `at` nil: it was, and nothing came of it. Conflict `.stepUsed` unless it was
    /// last asked at `since`.
    case upstreamAsked(UpstreamSubject, since: UnixTime?, at: UnixTime?)
    /// Replaces the groups that one source vouches for.
    case groupsSet(IdentityID, source: String, Set<Name>)
    case provisioned(ProvisioningFact)
    /// Conflict `.exists` if that authority and serial were recorded, `.serialVoid` if the serial was voided,
    /// `.caKeyMoved` where another key signs for that authority by now.
    case certificateIssued(IssuedCertificate)
    /// Conflict `.exists` if the number was given, `.tooMany` if the requester has `most` live ones.
    case approvalAsked(ApprovalRequest, most: Int)
    /// One vote of a person: only one that agreed may be replaced, by one that does not. Then the request is denied, or
    /// approved once enough agree. Conflict `.exists` for another vote, `.approvalGone` unless it is live.
    case approvalVoted(UInt64, ApprovalVote)
    /// Takes the request for good. Conflict `.approvalGone` unless it is approved and not over.
    case approvalUsed(UInt64, at: UnixTime)
    /// Conflict `.approvalGone` unless it is live.
    case approvalEnded(UInt64, at: UnixTime)
    case revoked(Revocation)
    case caKey(CAFact)
    /// The state of every host is due again with a higher version.
    case hostStateMoved
    /// Replaces what the host said before, unless that was of a newer state.
    case hostAcknowledged(HostAcknowledgement)
    /// What time it is at a host; what was seen later stays.
    case hostClockSeen(HostClock)
    /// The host begins anew: what it acknowledged before was another installation's.
    case hostBegun(IdentityID)
    /// Changes nothing: the entry is `.busy`, and may be tried again, where ``Policies/standing()`` is no longer this.
    case unmoved(since: UInt64)
}

/// Who claims that a request is done once: scope (identity, route, key) and the body, both hashed.
package struct IdempotencyClaim: Hashable, Sendable {
    package let scopeHash: [UInt8]
    package let bodyHash: [UInt8]
    package let notAfter: UnixTime

    package init(scopeHash: [UInt8], bodyHash: [UInt8], notAfter: UnixTime) {
        self.scopeHash = scopeHash
        self.bodyHash = bodyHash
        self.notAfter = notAfter
    }
}

/// Facts, their event and the reply to remember, kept together or not at all.
package struct Entry: Sendable {
    package let facts: [Fact]
    package let event: Event?
    /// With a claim, `reply` is kept (sealed by the caller) and found again by the same claim.
    package let claim: IdempotencyClaim?
    package let reply: [UInt8]

    package init(_ facts: [Fact], event: Event?, claim: IdempotencyClaim? = nil, reply: [UInt8] = []) {
        self.facts = facts
        self.event = event
        self.claim = claim
        self.reply = reply
    }
}

/// Where an entry stands in the ledger.
package struct Receipt: Hashable, Sendable {
    /// Index of the event, from 0; nil for entries without an event.
    package let index: UInt64?
    /// The first tree size that covers it: the next signed checkpoint is at least this large.
    package let treeSize: UInt64?

    package init(index: UInt64?, treeSize: UInt64?) {
        self.index = index
        self.treeSize = treeSize
    }
}

/// A reply that was given before, for the same claim.
package struct RememberedReply: Hashable, Sendable {
    package let bodyHash: [UInt8]
    package let reply: [UInt8]
    package let receipt: Receipt

    package init(bodyHash: [UInt8], reply: [UInt8], receipt: Receipt) {
        self.bodyHash = bodyHash
        self.reply = reply
        self.receipt = receipt
    }
}

package enum Conflict: Hashable, Sendable {
    case exists, missing, keyTaken, linkUsed, stepUsed, sessionMade, versionMoved, approvalGone, tooMany
    /// The serial was voided meanwhile, with its block: who holds it was taken for gone.
    case serialVoid
    /// A CA key stands elsewhere by now.
    case caKeyMoved
    case claimed(RememberedReply)
}

package enum StoreError: Error, Hashable, Sendable {
    case conflict(Conflict)
    /// The queue is full or the engine slow: nothing was kept; try again.
    case busy
    /// The engine failed; `reason` is for the log.
    case failed(reason: String)
}

/// The one way anything is kept: durable when it returns. Implementations share one commit among the calls in
/// flight (group commit), each entry in its own savepoint, events in one total order.
package protocol Journal: Sendable {
    /// Who is about to record says so here; a commit may wait a moment for them.
    var expected: ExpectedEntries { get }
    func record(_ entry: Entry) async throws(StoreError) -> Receipt
    /// The reply remembered for a claim that has not run out.
    func remembered(_ claim: IdempotencyClaim, at now: UnixTime) async throws(StoreError) -> RememberedReply?
}
