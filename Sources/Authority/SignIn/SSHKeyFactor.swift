import Names
import SSHFormats

/// What an ssh key must be to count as a factor.
package enum SSHKeyDemand: String, Hashable, Sendable, CaseIterable {
    /// Any; a security key must have been touched.
    case any
    /// A security key that was touched.
    case touched
    /// A security key that checked a PIN or a finger.
    case verified
}

/// An ssh key that the person registered: it signs a text that names the authority and the key of the new session.
struct SSHKeyFactor: Participant {
    /// The namespace of SSHSIG: what else is signed with the key proves nothing here.
    static let namespace = "sign-in@keyreeve"

    let name = "sshkey"
    let factor = Factor.sshkey
    /// Keys of one person that are named to them.
    private static let mostNamed = 64
    /// Nobody guesses a signature.
    let canBeGuessed = false
    let directory: any Directory
    let world: World
    let origin: String
    let demand: SSHKeyDemand

    func begin(_ about: ConversationFacts) async throws(AuthorityError) -> Asked {
        let nonce = Hexadecimal.text(world.random(16))
        let text = "keyreeve sign-in at \(origin) for \(about.key), \(nonce)"
        var prompt = Prompt(.text, name, "Signature by one of your registered ssh keys")
        prompt.code = text
        if about.isSignedIn, let person = about.person { prompt.choices = try await keys(of: person.id) }
        return Asked([prompt], memory: Array(text.utf8))
    }

    func answer(
        _ answers: [String: String], memory: [UInt8], _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn {
        guard answers.count == 1, let armoured = answers[name], armoured.utf8.count <= 65_536 else {
            throw .refused(.badRequest, "answers: \(name), a signature as `ssh-keygen -Y sign` makes it")
        }
        guard let signature = try? SSHSIG(armoured: armoured),
            (try? signature.verify(memory, namespace: SSHKeyFactor.namespace)) != nil
        else { return .failed(reason: "wrong-signature") }
        guard case .key(let key) = signature.signer, meetsDemand(signature, key) else {
            return .failed(reason: "key-not-accepted")
        }
        let registered: RegisteredKey?
        do { registered = try await directory.key(key.fingerprint) } catch { throw .store(error) }
        guard let registered, let person = about.person, registered.identity == person.id,
            registered.state == .active, registered.purpose == .authenticate
        else { return .failed(reason: "key-not-registered") }
        return .proven(
            person.id, facts: [.keyUsed(key.fingerprint, at: world.now(), from: about.source)])
    }

    /// The fingerprints of those that may sign, so that nobody need try the keys of an agent one after another.
    private func keys(of person: IdentityID) async throws(AuthorityError) -> [String] {
        let keys: [RegisteredKey]
        do { keys = try await directory.keys(of: person) } catch { throw .store(error) }
        let fitting = keys.filter { key in
            key.state == .active && key.purpose == .authenticate
                && (demand == .any || key.publicKey.type.isSecurityKey)
        }
        return fitting.prefix(SSHKeyFactor.mostNamed).map(\.publicKey.fingerprint.description)
    }

    private func meetsDemand(_ signature: SSHSIG, _ key: PublicKey) -> Bool {
        guard key.type.isSecurityKey else { return demand == .any }
        switch demand {
        case .any, .touched: return signature.signature.userPresent
        case .verified: return signature.signature.userPresent && signature.signature.userVerified
        }
    }
}
