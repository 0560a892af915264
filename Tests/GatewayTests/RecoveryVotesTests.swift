import Authority
import AuthorityAPI
import Names
import SSHFormats
import TestKit
import Testing

@testable import Gateway

@Suite struct `A recovery that waits for colleagues` {
    @Test func `Z07 does not show what they signed before it is over, from which the number could be found`()
        async throws
    {
        let door = try await TestDoor()
        let carol = Identity(id: try IdentityID("carol"), owner: nil, createdAt: TestDoor.now)
        let key = try PrivateKey.generate(.ed25519).publicKey.fingerprint
        let request = ApprovalRequest(
            number: 1, wish: [1], requester: carol.id, device: nil, subject: .recovery(number: "0471"),
            approval: Approval(by: try Name("leads"), count: 1), policy: 1, source: "192.0.2.1", reason: nil,
            document: "request: 1\n", askedAt: TestDoor.now, notAfter: TestDoor.now.advanced(by: 60))
        let vote = ApprovalVote(
            person: try IdentityID("alice"), isApproval: true, reason: nil, key: key, signature: "SIG",
            at: TestDoor.now)
        _ = try await door.store.record(
            Entry(
                [.identityAdded(carol), .approvalAsked(request, most: 3), .approvalVoted(1, vote)], event: nil
            ))
        let ask = { () async throws in
            try await door.send(try TestRequest(.requests, query: "?number=1").signed(by: door))
                .message(ApprovalListReply.self).requests.first?.votes.first
        }
        let before = try #require(try await ask())
        #expect(before.person == "alice" && before.signature == nil)
        _ = try await door.store.record(Entry([.approvalUsed(1, at: TestDoor.now)], event: nil))
        #expect(try await ask()?.signature == "SIG")
    }
}
