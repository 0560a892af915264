import Names
import SSHFormats

/// Where persons approve sign-ins of theirs that wait, from a device on which they are signed in.
package struct PendingSignInDesk: Sendable {
    let pending: any PendingSignIns
    let policies: PolicyDesk
    let recorder: Recorder

    /// Those that wait for the requester, the oldest first; their numbers are not told.
    package func list(by requester: Requester) async throws(AuthorityError) -> [PendingSignIn] {
        let now = recorder.world.now()
        let since = UnixTime(now.seconds - min(now.seconds, PendingSignIn.Purpose.recovery.longest))
        let found: [PendingSignIn]
        do {
            found = try await pending.pendingSignIns(of: requester.identity.id, after: since)
        } catch {
            throw .store(error)
        }
        return found.filter { $0.isOpen(at: now) }
    }

    /// Approves the sign-in if `number` is the one that it shows; another number ends it, for it was somebody else's. Needs a
    /// second factor of the last 15 minutes other than this one: an old session shall not make itself a fresh one. A recovery
    /// needs any factor as fresh, since whoever asks has lost some of them.
    ///
    /// - Parameter purpose: What whoever approves takes it for.
    /// - Throws: `.refused(.notFound)` for those of others, too old or decided; `.refused(.deviceRequired)` from a session
    ///   that is no enrolled device's or that is the very key which wants to sign in.
    package func approve(
        _ id: String, _ purpose: PendingSignIn.Purpose = .signIn, number: String, by requester: Requester,
        once: Once<PendingSignIn.Decision>
    ) async throws(AuthorityError) -> Outcome<PendingSignIn.Decision> {
        let event = event(.signInApproved, id, purpose, requester)
        let found = try await open(id, requester, event)
        guard found.purpose == purpose else {
            throw await recorder.deny(
                Refused(.badRequest, "recovery: this is a \(found.purpose.rawValue), and is approved as one"),
                event)
        }
        guard requester.device != nil, requester.session?.boundTo != found.key else {
            throw await recorder.deny(
                Refused(.deviceRequired, "another device than the one that signs in"), event)
        }
        switch purpose {
        case .signIn: try await policies.requireFresh(requester, event, except: [.device, .recovery])
        case .recovery:
            try await policies.requireFresh(requester, event, except: [.device, .recovery], or: .password)
        }
        guard constantTimeEquals(Array(found.number.utf8), Array(number.utf8)) else {
            throw await recorder.deny(
                Refused(.signInFailed, "number: not the one that is shown there; the sign-in is denied"),
                event, keeping: [.signInDecided(id: id, .denied), notice(found, requester)])
        }
        return try await recorder.record(
            [.signInDecided(id: id, .approved)], event, .approved, once: once)
    }

    /// Ends the sign-in. The person's other devices are told.
    package func deny(
        _ id: String, by requester: Requester, once: Once<PendingSignIn.Decision>
    ) async throws(AuthorityError) -> Outcome<PendingSignIn.Decision> {
        let found = try await open(id, requester, event(.signInDenied, id, .signIn, requester))
        return try await recorder.record(
            [.signInDecided(id: id, .denied), notice(found, requester)],
            event(.signInDenied, id, found.purpose, requester), .denied, once: once)
    }

    private func open(
        _ id: String, _ requester: Requester, _ event: Event
    ) async throws(AuthorityError) -> PendingSignIn {
        let found: PendingSignIn?
        do { found = try await pending.pendingSignIn(id: id) } catch { throw .store(error) }
        guard let found, found.identity == requester.identity.id, found.isOpen(at: recorder.world.now())
        else { throw await recorder.deny(Refused(.notFound, "sign-in \(id)"), event) }
        return found
    }

    private func notice(_ found: PendingSignIn, _ requester: Requester) -> Fact {
        let kind: Notice.Kind = found.purpose == .recovery ? .recoveryDenied : .signInDenied
        return .noticed(
            requester.identity.id, Notice(kind, at: recorder.world.now(), source: requester.source))
    }

    private func event(
        _ action: EventAction, _ id: String, _ purpose: PendingSignIn.Purpose, _ requester: Requester
    ) -> Event {
        Event(
            action, by: requester, on: id, at: recorder.world.now(),
            details: purpose == .recovery ? ["for": .text(purpose.rawValue)] : [:])
    }
}
