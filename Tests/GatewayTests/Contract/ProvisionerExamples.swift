import Authority
import AuthorityAPI
import Names
import SSHFormats
import TestKit

@testable import Gateway

extension Example {
    static let provisioners: [Route: Making] = [
        .provisioners: { door in
            try await door.addProvisioner()
            return Example(.provisioners, by: .session(door.key))
        },
        .provisionerToken: own(.provisionerToken, #"{"name":"corp","provider":"corp","days":30}"#),
        .provisionerRevoke: { door in
            try await door.addProvisioner()
            return Example(.provisionerRevoke, #"{"name":"corp"}"#, by: .session(door.key))
        },
        .provisionerPerson: { door in
            try await door.addProvisioner()
            return Example(
                .provisionerPerson,
                #"{"name":"corp","person":"alice","userName":"alice@example.com","given":true}"#,
                by: .session(door.key))
        },
    ]
}

extension TestDoor {
    static let provisionerToken = "reeve-scim-canary-91c2"

    /// `service:corp`, which may push by ``provisionerToken``.
    func addProvisioner() async throws {
        let alice = IdentityID(.person, try Name("alice"))
        let id = try IdentityID("service:corp")
        let token = ProvisionerToken(
            id: "70c3", provisioner: id, tokenHash: TokenHash.of(TestDoor.provisionerToken), madeBy: alice,
            madeAt: TestDoor.now, notAfter: TestDoor.now.advanced(by: 86_400))
        _ = try await store.record(
            Entry(
                [
                    .identityAdded(Identity(id: id, owner: alice, createdAt: TestDoor.now)),
                    .provisioned(.added(Provisioner(id: id))), .provisioned(.tokenMade(token)),
                ], event: nil))
    }
}
