package import Names
import SSHFormats

/// Sets up a new authenticator app in place of the former one: the way to a new phone, for whoever has the old one or another
/// second factor. Who has none comes back, with a new key.
package struct NewAuthenticator: Sendable {
    private static let context = "new-authenticator"

    let policies: PolicyDesk
    let recorder: Recorder

    /// A new secret; `state` travels sealed with the caller. Needs a second factor of the last 15 minutes, so that whoever
    /// finds an open session cannot replace it; a recovery code is none.
    package func begin(
        by requester: Requester
    ) async throws(AuthorityError) -> (secret: Secret<[UInt8]>, state: String) {
        guard let session = requester.session else { throw .refused(.notSignedIn) }
        let now = recorder.world.now()
        try await policies.requireFresh(requester, event(requester, now))
        let secret = recorder.world.random(TOTP.secretLength)
        var writer = WireWriter()
        writer.uint64(now.seconds)
        writer.string(session.id)
        writer.string(secret)
        do {
            let sealed = try recorder.sealing.seal(writer.bytes, context: NewAuthenticator.context)
            return (Secret(secret), Hexadecimal.text(sealed))
        } catch {
            throw .sealing(error)
        }
    }

    /// Takes the new secret if `code` is of it.
    ///
    /// - Returns: The session, in which the new factor was shown.
    package func finish(
        state: String, code: String, by requester: Requester, once: Once<Session>
    ) async throws(AuthorityError) -> Outcome<Session> {
        guard var session = requester.session else { throw .refused(.notSignedIn) }
        let now = recorder.world.now()
        let event = event(requester, now)
        try await policies.requireFresh(requester, event)
        guard let secret = opened(state, session, at: now) else { throw .refused(.conversationOver) }
        guard let step = TOTP.step(of: code, secret: secret, at: now) else {
            throw await recorder.deny(
                Refused(.signInFailed, "totp: not the code of the new secret; check this device's clock"),
                event)
        }
        let id = requester.identity.id
        let sealed: [UInt8]
        do { sealed = try recorder.sealing.seal(secret, context: FactorCheck.context(id, .totp)) } catch {
            throw .sealing(error)
        }
        session.factors[.totp] = now
        return try await recorder.record(
            [
                .factorSet(id, .totp, sealed: sealed), .totpStepTaken(id, step: step),
                .factorsShown(session: session.id, session.factors),
                .noticed(id, Notice(.authenticatorReplaced, at: now, source: requester.source)),
            ], event, session, once: once)
    }

    private func event(_ requester: Requester, _ now: UnixTime) -> Event {
        Event(
            .factorSet, by: requester, on: requester.identity.id.description, at: now,
            details: ["factor": .text(Factor.totp.rawValue)])
    }

    private func opened(_ state: String, _ session: Session, at now: UnixTime) -> [UInt8]? {
        guard let sealed = Hexadecimal.bytes(state),
            let plain = try? recorder.sealing.open(sealed, context: NewAuthenticator.context)
        else { return nil }
        var reader = WireReader(plain)
        guard let seconds = try? reader.uint64(), let id = try? reader.text(limit: 64),
            let secret = try? reader.string(limit: 64), (try? reader.end()) != nil, id == session.id,
            now < UnixTime(seconds).advanced(by: Int64(EnrolmentState.longest))
        else { return nil }
        return Array(secret)
    }
}
