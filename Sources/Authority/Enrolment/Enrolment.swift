package import Names
package import SSHFormats

/// What finishing an enrolment takes.
package enum EnrolmentNeeds: Sendable {
    /// A person without factors: a password and this new TOTP secret.
    case newFactors(totpSecret: Secret<[UInt8]>)
    /// A further device of a person: the factors they have.
    case presentFactors
    /// A host: a signature of each host key over this challenge.
    case hostKeys(challenge: [UInt8])
}

/// An enrolment that has begun; `state` travels sealed with the caller.
package struct EnrolmentBegun: Sendable {
    package let identity: IdentityID
    package let needs: EnrolmentNeeds
    package let state: String
}

/// Redeems links: the first key that uses one owns it.
package struct Enrolment: Sendable {
    let directory: any Directory
    let credentials: any Credentials
    let certificates: any Certificates
    let recorder: Recorder

    /// Binds the link to `key` and says what is needed. The same key may repeat a lost reply.
    ///
    /// - Throws: `.refused(.linkInvalid)` for unknown, expired, used and another key's alike.
    package func begin(
        token: String, key: PublicKey, source: String, requestID: String
    ) async throws(AuthorityError) -> EnrolmentBegun {
        let now = recorder.world.now()
        let hash = TokenHash.of(token)
        let identity = try await identity(linkHash: hash)
        let event = Event(
            time: now, action: .linkRedeemed, actor: identity.id, subject: identity.id.description,
            requestID: requestID, source: source, details: ["key": .text(key.fingerprint.description)])
        _ = try await recorder.record(
            [.linkRedeemed(tokenHash: hash, by: key.fingerprint, at: now)], event, true, once: .unclaimed)
        let needs = try await needs(of: identity)
        let state = EnrolmentState(linkHash: hash, key: key.fingerprint, begunAt: now, extra: needs.kept)
        return EnrolmentBegun(
            identity: identity.id, needs: needs, state: try state.sealed(by: recorder.sealing))
    }

    func identity(linkHash: [UInt8]) async throws(AuthorityError) -> Identity {
        do {
            guard let link = try await credentials.link(tokenHash: linkHash),
                let identity = try await directory.identity(link.identity), identity.status == .active
            else { throw AuthorityError.refused(.linkInvalid) }
            return identity
        } catch let error as StoreError {
            throw .store(error)
        } catch let error as AuthorityError {
            throw error
        } catch {
            throw .mismatch("\(error)")
        }
    }

    private func needs(of identity: Identity) async throws(AuthorityError) -> EnrolmentNeeds {
        guard identity.id.kind == .person else { return .hostKeys(challenge: recorder.world.random(32)) }
        guard try await hasNoFactors(identity) else { return .presentFactors }
        return .newFactors(totpSecret: Secret(recorder.world.random(TOTP.secretLength)))
    }

    /// Refuses keys that were revoked or have ended: what ends stays ended, however often it is registered.
    ///
    /// - Throws: `.refused(.keyRevoked)`.
    func checkAlive(_ keys: [PublicKey]) async throws(AuthorityError) {
        for fingerprint in keys.map(\.fingerprint) {
            let registered: RegisteredKey?
            let revoked: Bool
            do {
                registered = try await directory.key(fingerprint)
                revoked = try await certificates.standing(of: fingerprint).isRevoked
            } catch {
                throw .store(error)
            }
            guard !revoked, registered.map({ $0.state == .active }) ?? true else {
                throw .refused(.keyRevoked, fingerprint.description)
            }
        }
    }

    func hasNoFactors(_ person: Identity) async throws(AuthorityError) -> Bool {
        do { return try await credentials.sealedSecret(of: person.id, .password) == nil } catch {
            throw .store(error)
        }
    }
}

extension EnrolmentNeeds {
    /// What must come back unchanged: the new TOTP secret, or the challenge.
    fileprivate var kept: [UInt8] {
        switch self {
        case .newFactors(let secret): secret.withExposed { $0 }
        case .presentFactors: []
        case .hostKeys(let challenge): challenge
        }
    }

    /// Base32 and `otpauth:` of a new TOTP secret (RFC 4648 §6; the format authenticator apps read).
    package static func otpauth(
        _ secret: Secret<[UInt8]>, account: IdentityID, issuer: String
    ) -> (base32: String, address: String) {
        let base32 = secret.withExposed { Base32.text($0) }
        let address =
            "otpauth://totp/\(issuer):\(account.name)?secret=\(base32)&issuer=\(issuer)"
            + "&algorithm=SHA1&digits=6&period=30"
        return (base32, address)
    }
}
