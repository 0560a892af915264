import Names
import SSHFormats

/// Revokes certificates, keys and identities, for good.
package struct RevocationDesk: Sendable {
    let directory: any Directory
    let certificates: any Certificates
    let policies: PolicyDesk
    let recorder: Recorder
    package let lists: RevocationLists

    /// - Parameter endsSessions: Whether live sessions end too: on hosts those that came by it, here those of the identity.
    /// - Returns: A version of the host state that carries it. A repetition is told the least that may.
    package func revoke(
        _ target: RevocationTarget, reason: String, endsSessions: Bool = false, by requester: Requester,
        once: Once<UInt64>
    ) async throws(AuthorityError) -> Outcome<UInt64> {
        let now = recorder.world.now()
        try await authorize(target, requester)
        let version = try await version()
        var details: [String: EventValue] = ["reason": .text(reason)]
        if endsSessions { details["sessions"] = .text("ended") }
        let event = Event(.revoked, by: requester, on: target.text, at: now, details: details)
        let facts: [Fact]
        do {
            facts = try await self.facts(
                Revocation(target: target, reason: reason, at: now, endsSessions: endsSessions))
        } catch {
            guard case .refused(let refused) = error else { throw error }
            throw await recorder.deny(refused, event)
        }
        let outcome = try await recorder.record(facts, event, version + 1, once: once)
        return Outcome((try? await self.version()) ?? outcome.value, outcome.receipt)
    }

    /// Anybody may revoke what is their own; the rest is the helpdesk's and the admins'.
    private func authorize(
        _ target: RevocationTarget, _ requester: Requester
    ) async throws(AuthorityError) {
        guard let owner = try await owner(of: target), owner == requester.identity.id else {
            let event = Event(.revoked, by: requester, on: target.text, at: recorder.world.now())
            return try await policies.authorizeOne(.helpdesk, requester, event)
        }
    }

    private func owner(of target: RevocationTarget) async throws(AuthorityError) -> IdentityID? {
        do {
            switch target {
            case .serial(let authority, let serial):
                return try await certificates.certificate(authority, serial: serial)?.identity
            case .key(let fingerprint):
                guard let key = try await directory.key(fingerprint) else { return nil }
                return try await directory.identity(key.identity)?.owner ?? key.identity
            case .identity(let id):
                let found = try await directory.identity(id)
                return found?.owner ?? id
            }
        } catch {
            throw .store(error)
        }
    }

    /// The revocation and what follows from it at once: sessions end, a registered key is compromised.
    private func facts(_ revocation: Revocation) async throws(AuthorityError) -> [Fact] {
        let (revoked, now) = (Fact.revoked(revocation), revocation.at)
        do {
            switch revocation.target {
            case .serial(let authority, let serial):
                guard let issued = try await certificates.certificate(authority, serial: serial) else {
                    throw AuthorityError.refused(.notFound, "no \(authority.rawValue) certificate \(serial)")
                }
                let ended = revocation.endsSessions ? issued.sessionID : nil
                return [revoked] + (ended.map { [.sessionEnded(id: $0, at: now)] } ?? [])
            case .key(let fingerprint):
                guard let key = try await directory.key(fingerprint) else { return [revoked] }
                let isAll = revocation.endsSessions && key.identity.kind != .device
                return [revoked] + ending(key, at: now)
                    + (isAll ? [.sessionsEnded(of: key.identity, at: now)] : [])
            case .identity(let id):
                guard try await directory.identity(id) != nil else {
                    throw AuthorityError.refused(.notFound, "\(id)")
                }
                return [revoked, .sessionsEnded(of: id, at: now)]
            }
        } catch let error as StoreError {
            throw .store(error)
        } catch let error as AuthorityError {
            throw error
        } catch {
            throw .mismatch("\(error)")
        }
    }

    /// A device has one key: whoever stole it holds the device's sessions too.
    private func ending(_ key: RegisteredKey, at now: UnixTime) -> [Fact] {
        let changed: [Fact] =
            key.state.mayBecome(.compromised) ? [.keyChanged(key.publicKey.fingerprint, .compromised)] : []
        return changed + (key.identity.kind == .device ? [.sessionsEnded(of: key.identity, at: now)] : [])
    }

    private func version() async throws(AuthorityError) -> UInt64 {
        do { return try await certificates.hostStateVersion() } catch { throw .store(error) }
    }
}

extension RevocationTarget {
    /// As it stands in the ledger.
    var text: String {
        switch self {
        case .serial(let authority, let serial): "\(authority.rawValue)/\(serial)"
        case .key(let fingerprint): fingerprint.description
        case .identity(let id): id.description
        }
    }
}
