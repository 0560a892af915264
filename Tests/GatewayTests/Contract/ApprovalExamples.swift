import Authority
import AuthorityAPI
import HostDocuments
import Names
import SSHFormats
import TestKit

@testable import Gateway

extension TestDoor {
    /// A request of bob's for a certificate, which alice may approve.
    func waitingRequest() async throws -> UInt64 {
        let version = PolicyVersion(
            version: 2, text: TestDoor.approvals, appliedBy: nil, appliedAt: TestDoor.now)
        let bob = Identity(id: try IdentityID("bob"), owner: nil, createdAt: TestDoor.now)
        _ = try await store.record(Entry([.policyApplied(version), .identityAdded(bob)], event: nil))
        let requester = Requester(
            identity: bob, session: nil, device: nil, source: "192.0.2.1", requestID: "r")
        let wish = IssuanceRequest(
            publicKey: try PrivateKey.generate(.ed25519).publicKey, to: "web1", login: try Login("root"),
            scope: nil, lifetime: nil, grant: nil, reason: "why")
        do {
            _ = try await door.authority.issuance.issue(wish, by: requester, once: .unclaimed)
            throw TestFailure("nothing waits")
        } catch let error as AuthorityError {
            guard case .refused(let refused) = error, let number = refused.request else { throw error }
            return number
        }
    }

    /// bob, one of those who must agree to whatever alice does as an admin from now on, with a device of his.
    @discardableResult
    func holdActs() async throws -> PrivateKey {
        let text = """
            groups: {leads: [bob]}
            grants:
              - {name: admins, who: [alice], to: [authority], as: [admin], approve: {by: group:leads}}
              - {name: last, who: [carol], to: [authority], as: [admin]}
            """
        let bob = Identity(id: try IdentityID("bob"), owner: nil, createdAt: TestDoor.now)
        let laptop = Identity(id: try IdentityID("device:bob.laptop"), owner: bob.id, createdAt: TestDoor.now)
        let key = try PrivateKey.generate(.ed25519)
        let registered = RegisteredKey(
            publicKey: key.publicKey, identity: laptop.id, purpose: .authenticate, origin: "enrolment",
            createdAt: TestDoor.now)
        let version = PolicyVersion(version: 2, text: text, appliedBy: nil, appliedAt: TestDoor.now)
        _ = try await store.record(
            Entry(
                [
                    .identityAdded(bob), .identityAdded(laptop), .keyRegistered(registered),
                    .policyApplied(version),
                ],
                event: nil))
        return key
    }

    private static let approvals = """
        groups: {leads: [alice]}
        \(TestDoor.policy)
          - {name: asked, who: [bob], to: ["host:web1"], as: [root], scope: day, for: 1h,
             approve: {by: group:leads}}
        """

    /// Alice's yes, signed by the key of a device of hers.
    func decision(_ decision: String = "approved", over number: UInt64? = nil) async throws -> Example {
        let waiting = if let number { number } else { try await waitingRequest() }
        try await addLaptop()
        let key = try PrivateKey.generate(.ed25519)
        let registered = RegisteredKey(
            publicKey: key.publicKey, identity: try IdentityID("device:alice.laptop"), purpose: .authenticate,
            origin: "enrolment", createdAt: TestDoor.now)
        _ = try await store.record(Entry([.keyRegistered(registered)], event: nil))
        let statement = ApprovalStatement(
            request: await store.approval(waiting)?.request.document ?? "", decision: .approved,
            person: "alice",
            reason: nil)
        let signature = try SSHSIG.sign(
            Array(statement.text.utf8), namespace: ApprovalStatement.namespace, with: key)
        let body = ApprovalDecisionRequest(
            number: waiting, decision: decision, reason: nil, signature: signature.armoured)
        return Example(
            .requestsDecide, String(decoding: APICoding.encode(body), as: UTF8.self), by: .session(self.key))
    }
}
