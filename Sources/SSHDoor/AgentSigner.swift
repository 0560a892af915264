import AuthorityAPI
import SSHFormats

/// Signs what proves who a visitor is, by a key that their forwarded agent holds.
struct AgentSigner {
    /// Reaches the agent.
    let agent: () throws -> any AgentTransport

    /// - Parameters:
    ///   - session: The key that the session is or will be bound to: nothing else is signed for.
    ///   - named: Fingerprints of the keys that count; where the authority says none, the agent's only key is meant.
    /// - Returns: SSHSIG, armoured.
    func signature(
        of text: String, for session: PublicKey?, named: [String]
    ) throws(DoorFault) -> String {
        guard let session, SSHKeyRequest.isSignIn(text, for: session) else {
            throw DoorFault("what is to be signed is not for this connection")
        }
        let agent: any AgentTransport
        do { agent = try self.agent() } catch {
            throw DoorFault("your ssh lets nobody reach the agent that it offers")
        }
        var client = AgentClient(BorrowedAgent(agent: agent))
        let key = try key(named, &client)
        do {
            return try client.signMessage(
                Array(text.utf8), namespace: SSHKeyRequest.signInNamespace, with: .key(key)
            ).armoured
        } catch {
            throw DoorFault("your ssh-agent does not sign with \(key.fingerprint)")
        }
    }

    private func key(
        _ named: [String], _ client: inout AgentClient<BorrowedAgent>
    ) throws(DoorFault) -> PublicKey {
        let identities: [AgentIdentity]
        do { identities = try client.identities() } catch {
            throw DoorFault("your ssh-agent does not say which keys it holds")
        }
        let keys = identities.compactMap { identity -> PublicKey? in
            guard case .key(let key)? = try? KeyOrCertificate(blob: identity.blob) else { return nil }
            return key
        }
        guard named.isEmpty else {
            guard let key = keys.first(where: { named.contains($0.fingerprint.description) }) else {
                throw DoorFault("your ssh-agent holds none of the ssh keys that you registered")
            }
            return key
        }
        guard keys.count == 1, let key = keys.first else {
            throw DoorFault("your ssh-agent holds \(keys.count) keys: one alone would be clear")
        }
        return key
    }
}
