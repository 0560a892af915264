import Names
package import SSHFormats

/// The one sign-in conversation. Its state travels sealed with the caller, so any node can go on and a
/// million half-open conversations cost nothing.
package struct SignInConversation: Sendable {
    /// Seconds from the first request to the last answer.
    static let longest: UInt64 = 300
    /// Unicode scalars; no name is as long, but that is not said here.
    static let longestName = 256
    private static let context = "sign-in"

    let check: FactorCheck
    let recorder: Recorder

    package enum Prompt: Hashable, Sendable { case password, totp }

    /// The opaque state and what to ask. The same for every name, known or not.
    package func start(name: String, key: PublicKey) throws(AuthorityError) -> (state: String, ask: [Prompt])
    {
        guard name.unicodeScalars.count <= SignInConversation.longestName else {
            throw .refused(.badName, "name: longer than 256 characters")
        }
        let now = check.world.now()
        let state = Sealed(name: name, startedAt: now, key: key.fingerprint)
        do {
            let sealed = try check.sealing.seal(state.encoded(), context: SignInConversation.context)
            return (Hexadecimal.text(sealed), [.password, .totp])
        } catch {
            throw .sealing(error)
        }
    }

    /// Answers everything that was asked: the password, and a code of the app or, in its place, a recovery code.
    ///
    /// - Throws: `.refused(.signInFailed)` for unknown, locked, suspended and wrong alike, after the same
    ///   work; `.refused(.conversationOver)` for a state that is old, altered or another key's. To whoever
    ///   showed both factors: `.refused(.identitySuspended)` on a suspended device of theirs,
    ///   `.refused(.keyRevoked)` with a key that ended.
    package func answer(
        state: String, _ shown: ShownFactors, key: PublicKey, source: String, requestID: String,
        once: Once<NewSession>
    ) async throws(AuthorityError) -> Outcome<NewSession> {
        let begun = try opened(state, key: key)
        guard [[.password, .totp], [.password, .recovery]].contains(shown.factors) else {
            throw .refused(.badRequest, "answers: password, and totp or recovery")
        }
        try shown.check()
        let verdict = try await check.check(name: begun.name, shown, source: source)
        let now = check.world.now()
        switch verdict {
        case .failed(let reason, let notice, let unused):
            let event = event(
                .signInRefused, begun.name, nil, now, source, requestID, ["reason": .text(reason)])
            throw await check.refuse(unused, event, telling: notice, by: recorder)
        case .proven(let person, let facts, let codesLeft, let attempts):
            let device: IdentityID?
            do { device = try await self.device(of: person, key: key) } catch {
                await check.release(attempts)
                guard case .refused(let refused) = error else { throw error }
                let event = event(.signInRefused, begun.name, person.id, now, source, requestID, [:])
                throw await recorder.deny(refused, event)
            }
            let new = NewSession.start(
                for: person.id, device: device,
                factors: Dictionary(shown.factors.map { ($0, now) }) { first, _ in first },
                boundTo: key, source: source, in: check.world)
            var details = details(new.session)
            if let codesLeft { details["recoveryCodesLeft"] = .number(UInt64(codesLeft)) }
            let outcome = try await recorder.record(
                facts + [new.fact, .keyUsed(key.fingerprint, at: now, from: source)],
                event(.signedIn, begun.name, person.id, now, source, requestID, details), new,
                once: once)
            try await check.settle(attempts)
            return outcome
        }
    }

    private func opened(_ state: String, key: PublicKey) throws(AuthorityError) -> Sealed {
        guard let sealed = Hexadecimal.bytes(state),
            let plain = try? check.sealing.open(sealed, context: SignInConversation.context),
            let begun = Sealed(plain), begun.key == key.fingerprint,
            check.world.now() < begun.startedAt.advanced(by: Int64(SignInConversation.longest))
        else { throw .refused(.conversationOver) }
        return begun
    }

    /// The enrolled device whose key signs, if it is this person's; nil for other keys.
    private func device(of person: Identity, key: PublicKey) async throws(AuthorityError) -> IdentityID? {
        let registered: RegisteredKey?
        let holder: Identity?
        do {
            registered = try await check.directory.key(key.fingerprint)
            holder =
                if let registered { try await check.directory.identity(registered.identity) } else { nil }
        } catch {
            throw .store(error)
        }
        guard let registered else { return nil }
        let isOwn = holder.map { $0.id.kind == .device && $0.owner == person.id } ?? false
        if isOwn, let holder, holder.status == .suspended {
            throw .refused(.identitySuspended, "\(holder.id)")
        }
        guard registered.state == .active else {
            throw .refused(.keyRevoked, "\(key.fingerprint) is \(registered.state.rawValue)")
        }
        guard isOwn, let holder else { return nil }
        guard holder.status == .active else { throw .refused(.identitySuspended, "\(holder.id)") }
        return holder.id
    }

    private func event(
        _ action: EventAction, _ name: String, _ actor: IdentityID?, _ now: UnixTime, _ source: String,
        _ requestID: String, _ details: [String: EventValue]
    ) -> Event {
        Event(
            time: now, action: action, actor: actor, subject: name, requestID: requestID, source: source,
            details: details)
    }

    private func details(_ session: Session) -> [String: EventValue] {
        var details: [String: EventValue] = [
            "session": .text(session.id), "factors": .list(session.factors.keys.map(\.rawValue).sorted()),
        ]
        if let device = session.device { details["device"] = .text(device.description) }
        return details
    }
}

/// What a conversation remembers between requests.
private struct Sealed {
    let name: String
    let startedAt: UnixTime
    let key: Fingerprint

    init(name: String, startedAt: UnixTime, key: Fingerprint) {
        self.name = name
        self.startedAt = startedAt
        self.key = key
    }

    func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.uint64(startedAt.seconds)
        writer.string(key.description)
        writer.string(name)
        return writer.bytes
    }

    init?(_ bytes: [UInt8]) {
        var reader = WireReader(bytes)
        guard let seconds = try? reader.uint64(), let text = try? reader.text(limit: 128),
            let key = try? Fingerprint(text: text),
            let name = try? reader.string(limit: 4 * SignInConversation.longestName),
            (try? reader.end()) != nil
        else { return nil }
        self.init(name: String(decoding: name, as: UTF8.self), startedAt: UnixTime(seconds), key: key)
    }
}
