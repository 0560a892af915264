import AuthorityAPI
import AuthorityClient
import SSHFormats

/// Signs texts that prove who somebody is, with a key of the ssh-agent.
struct SSHKeySigner {
    /// `SHA256:…`, or the file of a public key; the agent's only key where nil.
    let name: String?

    /// Answers the step of a sign-in.
    ///
    /// - Parameters:
    ///   - session: The key that the session is or will be bound to.
    ///   - named: Fingerprints of the keys that count, where the authority says them.
    func signIn(_ text: String, for session: PublicKey?, named: [String]) throws -> String {
        guard let session, SSHKeyRequest.isSignIn(text, for: session) else {
            throw ClientError.badReply("what is to be signed is not for the key of this device")
        }
        return try sign(text, SSHKeyRequest.signInNamespace, named)
    }

    /// - Throws: ``Fault`` without an agent, or where it is not clear which of its keys is meant.
    func sign(_ text: String, _ namespace: String, _ named: [String] = []) throws -> String {
        var signer = try FileSigner(agentKey: try name ?? onlyKey(named))
        var hasher = SSHSIGHash.Hasher(.sha512)
        hasher.update(Array(text.utf8))
        return try signer.sign(hasher.digest(), namespace: namespace, hash: .sha512).armoured
    }

    /// The agent's only key; or the first of those that are named.
    private func onlyKey(_ named: [String]) throws -> String {
        guard let socket = AgentSocket() else {
            throw Fault(
                .usage, "an ssh key is asked for and there is no ssh-agent", next: "Start one: ssh-agent")
        }
        var client = AgentClient(socket)
        let keys = try client.identities().compactMap { identity -> PublicKey? in
            guard case .key(let key)? = try? KeyOrCertificate(blob: identity.blob) else { return nil }
            return key
        }
        if let key = keys.first(where: { named.contains($0.fingerprint.description) }) {
            return key.fingerprint.description
        }
        guard keys.count == 1, let key = keys.first else {
            throw Fault(
                .usage, "the ssh-agent holds \(keys.count) keys",
                next: "Say which: -k SHA256:… (ssh-add -l shows them)")
        }
        return key.fingerprint.description
    }
}
