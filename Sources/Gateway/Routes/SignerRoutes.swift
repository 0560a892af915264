import Authority
import AuthorityAPI
import Names
import SSHFormats

extension Routes {
    func signers(_ call: Call) async throws -> Answer {
        try call.query.only("key")
        guard let key = call.query.text("key").flatMap({ try? Fingerprint(text: $0) }) else {
            throw DoorError.badRequest("query: key=SHA256:…")
        }
        _ = try call.requester
        let found = try await authority.signers.signer(key)
        return .json(
            SignerReply(
                fingerprint: found.key.publicKey.fingerprint.description,
                publicKey: found.key.publicKey.text(), identity: found.identity.id.description,
                identityStatus: found.identity.status.rawValue, owner: found.owner?.id.description,
                ownerStatus: found.owner?.status.rawValue, purpose: found.key.purpose.rawValue,
                states: found.states.map { change in
                    SignerReply.State(state: change.state.rawValue, since: change.since?.seconds)
                }))
    }
}
