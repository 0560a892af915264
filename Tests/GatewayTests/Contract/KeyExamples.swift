import Authority
import Names
import SSHFormats
import TestKit

extension TestDoor {
    /// The fingerprint of an ssh key of alice's in this state.
    func ownKey(_ state: KeyState) async throws -> String {
        let key = RegisteredKey(
            publicKey: try PrivateKey.generate(.ed25519).publicKey, identity: try IdentityID("alice"),
            purpose: .authenticate, state: state, origin: "factor", createdAt: TestDoor.now)
        _ = try await store.record(Entry([.keyRegistered(key)], event: nil))
        return key.publicKey.fingerprint.description
    }
}
