import SSHFormats

extension Issuance {
    /// Signs and records; once more where another CA key signs by now, or where the serials were voided meanwhile, because
    /// this node stood still for so long that the others took it for gone.
    func withSerials<Value>(
        sign: () async throws(AuthorityError) -> [IssuedCertificate],
        record: ([IssuedCertificate]) async throws(AuthorityError) -> Outcome<Value>
    ) async throws(AuthorityError) -> Outcome<Value> {
        let expected = recorder.journal.expected
        let issued = try await expected.expecting(sign)
        do throws(AuthorityError) { return try await record(issued) } catch {
            switch error {
            case .store(.conflict(.serialVoid)):
                for one in issued { serials.drop(blockOf: one.certificate.serial) }
            // Another CA key signs since this one was looked up.
            case .store(.conflict(.caKeyMoved)): try await keys.book.read()
            default: throw error
            }
            return try await record(try await expected.expecting(sign))
        }
    }

    func sign(
        _ proposal: Proposal, by requester: Requester, at now: UnixTime
    ) async throws(AuthorityError) -> IssuedCertificate {
        let signatureKey = try keys.key(of: proposal.authority)
        let draft = try proposal.draft(
            serial: try await serials.next(), nonce: recorder.world.random(32), signatureKey: signatureKey)
        let signature: Signature
        do { signature = try await signer.sign(SigningPermit(draft, by: proposal.authority)) } catch {
            // A signer that several nodes share may sign by the next key already.
            guard case .refused(code: "unknown-key", reason: _) = error else { throw .signer(error) }
            try await keys.book.read()
            guard try keys.key(of: proposal.authority) != signatureKey else { throw .signer(error) }
            return try await sign(proposal, by: requester, at: now)
        }
        let certificate: Certificate
        do { certificate = try draft.sealed(with: signature) } catch {
            throw .mismatch("what the signer returned does not fit the proposal: \(error)")
        }
        return IssuedCertificate(
            authority: proposal.authority, certificate: certificate, identity: requester.identity.id,
            device: requester.device?.id, grant: proposal.grant, sessionID: requester.session?.id,
            issuedAt: now)
    }
}
