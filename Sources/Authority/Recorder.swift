import Names
package import SSHFormats

/// Keeps facts with their event, and denials: the last step of everything that changes something.
package struct Recorder: Sendable {
    package let journal: any Journal
    package let world: World
    package let sealing: any SecretSealing
    package let hostStates: HostStateBroadcast

    package init(
        journal: any Journal, world: World, sealing: any SecretSealing, hostStates: HostStateBroadcast
    ) {
        self.journal = journal
        self.world = world
        self.sealing = sealing
        self.hostStates = hostStates
    }

    /// Durable when it returns. Conflicts become refusals, recorded too; a repetition throws `.replayed`.
    package func record<Value>(
        _ facts: [Fact], _ event: Event, _ value: Value, once: Once<Value>
    ) async throws(AuthorityError) -> Outcome<Value> {
        let reply = once.claim == nil ? nil : once.encode(value)
        let act = ActInHand.current
        let approved = event.action == .read ? nil : act?.approved
        let event = approved.map { event.with($0.use) } ?? event
        let facts = facts + (approved.map { [.approvalUsed($0.request.number, at: event.time)] } ?? [])
        let entry = Entry(facts, event: event, claim: once.claim, reply: try reply.map(sealed) ?? [])
        do {
            let receipt = try await journal.record(entry)
            if approved != nil { act?.finish() }
            if facts.contains(where: \.movesHostState) { await hostStates.moved() }
            return Outcome(value, receipt, reply: reply)
        } catch {
            let error = Recorder.refusal(of: error)
            guard case .refused(let refused) = error else { throw error }
            throw await deny(refused, event)
        }
    }

    /// Keeps facts that are no event by themselves, and the reply for a repetition. As much is written where there are none, so
    /// that neither time nor a repetition tells.
    package func keep<Value>(
        _ facts: [Fact], _ value: Value, once: Once<Value>
    ) async throws(AuthorityError) -> Outcome<Value> {
        let claim =
            once.claim
            ?? IdempotencyClaim(
                scopeHash: world.random(32), bodyHash: [],
                notAfter: world.now().advanced(by: Int64(SignInConversation.longest)))
        let reply = once.encode(value)
        let entry = Entry(facts, event: nil, claim: claim, reply: try sealed(reply))
        do { _ = try await journal.record(entry) } catch { throw Recorder.refusal(of: error) }
        return Outcome(value, nil, reply: reply)
    }

    package func keep(_ facts: [Fact]) async throws(AuthorityError) {
        _ = try await keep(facts, true, once: .unclaimed)
    }

    /// Records a denial, with what is to be known of it, then throws it.
    package func deny(
        _ refused: Refused, _ event: Event, keeping facts: [Fact] = []
    ) async -> AuthorityError {
        do {
            _ = try await journal.record(Entry(facts, event: event.refused(refused)))
            return .refused(refused)
        } catch {
            return .store(error)
        }
    }

    private func sealed(_ reply: [UInt8]) throws(AuthorityError) -> [UInt8] {
        do { return try sealing.seal(reply, context: Idempotency.context) } catch {
            throw .sealing(error)
        }
    }

    private static func refusal(of error: StoreError) -> AuthorityError {
        guard case .conflict(let conflict) = error else { return .store(error) }
        switch conflict {
        case .exists: return .refused(.alreadyExists)
        case .missing: return .refused(.notFound)
        case .keyTaken: return .refused(.keyTaken)
        case .linkUsed: return .refused(.linkInvalid)
        case .stepUsed: return .refused(.signInFailed)
        case .sessionMade: return .refused(.conversationOver)
        case .versionMoved: return .refused(.policyMoved)
        case .claimed(let reply): return .replayed(reply)
        case .approvalGone: return .refused(.requestClosed)
        case .tooMany: return .refused(.requestsLimited)
        case .serialVoid, .caKeyMoved: return .store(error)
        }
    }
}

extension Fact {
    /// Whether hosts must hold something else because of it.
    var movesHostState: Bool {
        switch self {
        case .revoked, .hostStateMoved: true
        case .caKey(let fact): fact.movesHostState
        case .identityChanged(let identity), .identityAdded(let identity): identity.id.kind == .host
        case .keyRegistered, .keyChanged, .keyReauthorized, .keyUsed, .factorSet, .signInPending,
            .signInDecided,
            .passkeyAsked, .passkeyMoved, .passkeyAdded, .passkeyUsed, .passkeyRemoved,
            .browserSignInAsked, .browserSignInMoved, .recoveryCodesSet,
            .recoveryCodeUsed, .noticed, .factorsShown, .linkMade, .linkRedeemed, .linkCompleted,
            .sessionStarted, .sessionUsed, .sessionEnded, .sessionsEnded, .totpStepTaken, .policyApplied,
            .certificateIssued, .approvalAsked, .approvalVoted, .approvalUsed, .approvalEnded,
            .upstreamLinked, .upstreamUnlinked, .upstreamStood, .upstreamAsked, .groupsSet, .provisioned,
            .hostAcknowledged, .hostBegun, .hostClockSeen, .unmoved:
            false
        }
    }
}

extension Event {
    /// What the requester does now.
    package init(
        _ action: EventAction, by requester: Requester, on subject: String? = nil, at time: UnixTime,
        details: [String: EventValue] = [:]
    ) {
        var details = details
        if let device = requester.device { details["device"] = .text(device.id.description) }
        if let session = requester.session { details["session"] = .text(session.id) }
        self.init(
            time: time, action: action, actor: requester.identity.id, subject: subject,
            requestID: requester.requestID, source: requester.source, details: details)
    }

    /// The same with more details.
    func with(_ more: [String: EventValue]) -> Event {
        Event(
            time: time, action: action, actor: actor, subject: subject, requestID: requestID, source: source,
            refusal: refusal, details: details.merging(more) { told, _ in told })
    }

    /// The same, denied, with the reason for it.
    package func refused(_ refused: Refused) -> Event {
        let reason: [String: EventValue] = refused.detail.isEmpty ? [:] : ["reason": .text(refused.detail)]
        return Event(
            time: time, action: action.whenRefused, actor: actor, subject: subject, requestID: requestID,
            source: source, refusal: refused.refusal, details: details.merging(reason) { told, _ in told })
    }
}

extension EventAction {
    /// What the same act is called where it was denied.
    fileprivate var whenRefused: EventAction {
        switch self {
        case .signedIn: .signInRefused
        case .certificateIssued: .certificateRefused
        case .recovered: .recoveryRefused
        case .policyApplied: .policyRefused
        case .authorityCreated, .identityAdded, .identityChanged, .identitySuspended, .identityResumed,
            .identityRetired, .deviceLost, .sessionRevoked, .sessionsEndedOnHost, .linkMade, .linkRedeemed,
            .enrolled,
            .keyRegistered, .keyChanged, .keyReauthorized, .factorSet, .upstreamLinked, .upstreamUnlinked,
            .groupAdded,
            .groupChanged, .groupRemoved, .provisionerTokenMade, .provisionerTokenEnded, .provisionerGiven,
            .provisionerTaken, .signInRefused, .recoveryAsked, .recoveryRefused, .signInApproved,
            .signInDenied, .signCountFell, .signedOut,
            .steppedUp,
            .policyRefused,
            .certificateRefused, .revoked, .denied,
            .read, .approvalAsked, .approvalGiven, .approvalDenied, .approvalEnded, .serialsVoided,
            .authorityRestored, .ledgerPruned, .caKeyPrepared, .caKeySigning, .caKeyRetired, .caWaived:
            self
        }
    }
}
