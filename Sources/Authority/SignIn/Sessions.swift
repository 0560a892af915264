import Names
package import SSHFormats

/// 12 h absolute, 2 h idle, bound to a key.
package struct SessionLimits: Hashable, Sendable {
    /// Seconds.
    package let absolute: UInt64
    package let idle: UInt64
    /// How far `lastUsedAt` may lag behind, in seconds, so that not every request writes.
    package let touch: UInt64

    package init(absolute: UInt64 = 43_200, idle: UInt64 = 7_200, touch: UInt64 = 60) {
        self.absolute = absolute
        self.idle = idle
        self.touch = touch
    }
}

/// What a request needs of its session.
package enum SessionNeed: Hashable, Sendable {
    /// A second factor that is no recovery code.
    case full
    case any
}

/// Turns a proven token or key into who asks.
package struct Sessions: Sendable {
    let directory: any Directory
    let recorder: Recorder
    let limits: SessionLimits

    /// Who holds this token and the key it is bound to.
    ///
    /// - Parameter tokenHash: SHA-256 of the token's text.
    /// - Throws: `.refused(.notSignedIn)` whatever the reason, so that a stolen token learns nothing;
    ///   `.refused(.identitySuspended)` to its rightful holder, `.refused(.sessionLimited)` where it has no second factor
    ///   and needs one.
    package func authenticate(
        tokenHash: [UInt8], key: PublicKey, source: String, requestID: String, need: SessionNeed = .full
    ) async throws(AuthorityError) -> Requester {
        let found: SessionFound?
        do { found = try await directory.session(tokenHash: tokenHash) } catch { throw .store(error) }
        guard let found, found.session.boundTo == key.fingerprint else { throw .refused(.notSignedIn) }
        let now = recorder.world.now()
        guard isRunning(found.session, at: now) else { throw .refused(.notSignedIn) }
        guard found.identity.status == .active, found.device.map({ $0.status == .active }) ?? true else {
            throw .refused(.identitySuspended)
        }
        try await touch(found.session, from: source, at: now)
        let requester = Requester(
            identity: found.identity, session: found.session, device: found.device, source: source,
            requestID: requestID)
        guard need == .any || !found.session.isLimited else {
            throw await recorder.deny(
                Refused(.sessionLimited, "no second factor was shown but a recovery code, if any"),
                Event(.denied, by: requester, on: "session", at: now))
        }
        return requester
    }

    /// The host or service that registered this key.
    package func authenticate(
        key: PublicKey, source: String, requestID: String
    ) async throws(AuthorityError) -> Requester {
        do {
            guard let registered = try await directory.key(key.fingerprint),
                registered.state == .active, registered.purpose == .authenticate,
                let identity = try await directory.identity(registered.identity),
                identity.id.kind == .host || identity.id.kind == .service
            else { throw AuthorityError.refused(.notSignedIn) }
            guard identity.status == .active else { throw AuthorityError.refused(.identitySuspended) }
            await touch(registered, from: source)
            return Requester(
                identity: identity, session: nil, device: nil, source: source, requestID: requestID)
        } catch let error as StoreError {
            throw .store(error)
        } catch let error as AuthorityError {
            throw error
        } catch {
            throw .mismatch("\(error)")
        }
    }

    /// Ends the requester's own session.
    package func end(
        _ requester: Requester, once: Once<Bool>
    ) async throws(AuthorityError) -> Outcome<Bool> {
        guard let session = requester.session else { throw .refused(.notSignedIn) }
        let now = recorder.world.now()
        return try await recorder.record(
            [.sessionEnded(id: session.id, at: now)],
            Event(.signedOut, by: requester, on: session.id, at: now), true, once: once)
    }

    /// When this session ends whatever happens.
    package func notAfter(_ session: Session) -> UnixTime {
        session.startedAt.advanced(by: Int64(limits.absolute))
    }

    func isRunning(_ session: Session, at now: UnixTime) -> Bool {
        session.endedAt == nil && now < notAfter(session)
            && now < session.lastUsedAt.advanced(by: Int64(limits.idle))
    }

    /// Once an hour; if it cannot be kept, the next request tries again.
    private func touch(_ key: RegisteredKey, from source: String) async {
        let now = recorder.world.now()
        guard key.lastUsedAt.map({ now >= $0.advanced(by: Int64(Sessions.hostTouch)) }) ?? true else {
            return
        }
        let used = Fact.keyUsed(key.publicKey.fingerprint, at: now, from: source)
        _ = try? await recorder.journal.record(Entry([used], event: nil))
    }

    /// How far the last use of a host's key may lag behind, in seconds.
    private static let hostTouch: UInt64 = 3_600

    private func touch(
        _ session: Session, from source: String, at now: UnixTime
    ) async throws(AuthorityError) {
        guard now >= session.lastUsedAt.advanced(by: Int64(limits.touch)) else { return }
        do {
            _ = try await recorder.journal.record(
                Entry(
                    [
                        .sessionUsed(id: session.id, at: now),
                        .keyUsed(session.boundTo, at: now, from: source),
                    ], event: nil))
        } catch {
            throw .store(error)
        }
    }
}
