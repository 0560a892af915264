import Authority
import AuthorityAPI
import HostDocuments
import Names
import SSHFormats
import TestKit
import Testing

@testable import Gateway

@Suite struct `An act by HTTP that others must agree to` {
    /// What alice asks for as an admin, and what there has to be before.
    private static let acts: [Route: String] = [
        .passkeyRemove: #"{"name":"blue","identity":"bob","reason":"lost in the train"}"#,
        .provisionerToken: #"{"name":"corp","days":30}"#,
        .provisionerRevoke: #"{"name":"corp"}"#,
        .provisionerPerson: #"{"name":"corp","person":"alice","userName":"alice@example.com","given":true}"#,
        .sessionsEnd: #"{"of":"bob"}"#,
        .identityLink: #"{"identity":"carol"}"#,
        .caRotate: #"{"authority":"user","stolen":true}"#,
    ]

    @Test(arguments: acts.keys.sorted { $0.rawValue < $1.rawValue })
    func `Z07 waits with all of its body and path signed, then happens once`(_ route: Route) async throws {
        let door = try await TestDoor()
        let key = try await door.holdActs()
        try await furnish(door)
        let body = try #require(Self.acts[route])
        let asked = try await door.send(try TestRequest(route, body).signed(by: door))
        #expect(asked.status == 403 && asked.code == "approval-required", "\(asked.text)")
        let number = try #require(try asked.message(Problem.self).request)
        let document = try #require(await door.store.approval(number)?.request.document)
        #expect(document.contains("act: \(route.rawValue)\n"))
        #expect(document.contains("body: SHA-256 \(Hexadecimal.text(TokenHash.of(Array(body.utf8))))\n"))
        try await agree(to: number, document, with: key, door)
        // Another body is another act.
        let other = try await door.send(try TestRequest(route, body + " ").signed(by: door))
        #expect(other.code == "approval-required")
        let done = try await door.send(try TestRequest(route, body).signed(by: door))
        #expect(done.status == 200, "\(done.text)")
        #expect(await door.store.approval(number)?.request.state == .used)
        let event = try #require(await door.store.events.last)
        #expect(event.details["approvedBy"] == .list(["bob"]))
        let again = try await door.send(try TestRequest(route, body).signed(by: door))
        #expect(again.code == "approval-required", "it is used up")
    }

    /// carol without factors, a passkey of bob's and a provisioner.
    private func furnish(_ door: TestDoor) async throws {
        let carol = Identity(id: try IdentityID("carol"), owner: nil, createdAt: TestDoor.now)
        _ = try await door.store.record(Entry([.identityAdded(carol)], event: nil))
        try await door.addProvisioner()
        try await door.addPasskey(of: "bob")
    }

    private func agree(
        to number: UInt64, _ document: String, with key: PrivateKey, _ door: TestDoor
    ) async throws {
        let statement = ApprovalStatement(
            request: document, decision: .approved, person: "bob", reason: nil)
        let signature = try SSHSIG.sign(
            Array(statement.text.utf8), namespace: ApprovalStatement.namespace, with: key)
        let vote = ApprovalVote(
            person: try IdentityID("bob"), isApproval: true, reason: nil, key: key.publicKey.fingerprint,
            signature: signature.armoured, at: TestDoor.now)
        _ = try await door.store.record(Entry([.approvalVoted(number, vote)], event: nil))
    }
}
