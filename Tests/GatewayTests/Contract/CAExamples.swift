import Authority
import AuthorityAPI
import Names
import SSHFormats
import TestKit

@testable import Gateway

extension Example {
    static let authorityKeys: [Route: Making] = [
        .ca: { door in
            try await door.addStaleHost()
            _ = try await door.send(
                try Example(.caRotate, #"{"authority":"user"}"#, by: .session(door.key)).signed())
            return Example(.ca, by: .session(door.key))
        },
        .caRotate: own(.caRotate, #"{"authority":"user","reason":"every year"}"#),
        .caWaive: { door in
            try await door.addStaleHost()
            _ = try await door.send(
                try Example(.caRotate, #"{"authority":"user"}"#, by: .session(door.key)).signed())
            return Example(
                .caWaive, #"{"name":"stale.example.com","reason":"in the cellar"}"#, by: .session(door.key))
        },
    ]
}

extension TestDoor {
    /// A host with an agent that never says what it has installed.
    func addStaleHost() async throws {
        let id = try IdentityID("host:stale.example.com")
        let host = Identity(
            id: id, owner: IdentityID(.person, try Name("alice")), attributes: IdentityAttributes(),
            createdAt: TestDoor.now)
        let key = RegisteredKey(
            publicKey: try PrivateKey.generate(.ed25519).publicKey, identity: id, purpose: .authenticate,
            origin: "enrolment", createdAt: TestDoor.now)
        _ = try await store.record(Entry([.identityAdded(host), .keyRegistered(key)], event: nil))
    }
}
