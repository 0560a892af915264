import Authority
import AuthorityAPI
import Names
import SSHFormats
import TestKit
import Testing

@testable import Gateway

/// What the API makes of requests that a front door makes for others.
@Suite struct `A request through the front door` {
    private let front: DPoPKey
    private let line: String

    init() throws {
        front = try DPoPKey()
        line = try PrivateKey.generate(.ed25519).publicKey.text()
    }

    private func door(_ policy: String? = nil) async throws -> TestDoor {
        let door = try await TestDoor { $0.doors = [front.publicKey] }
        if let policy {
            let version = PolicyVersion(version: 2, text: policy, appliedBy: nil, appliedAt: TestDoor.now)
            _ = try await door.store.record(Entry([.policyApplied(version)], event: nil))
        }
        return door
    }

    private func vouched(
        _ request: TestRequest, from address: String = "198.51.100.9", by key: DPoPKey? = nil
    ) throws -> TestRequest {
        var request = request
        let text = try DoorVoucher.text(
            address: address, proofHash: DoorVoucher.hash(of: request.proof ?? ""), by: key ?? front,
            now: TestDoor.now)
        request.fields.append((APIHeader.door, text))
        return request
    }

    private func certificate(_ grant: String = "web") -> String {
        #"{"publicKey":"\#(line)","grant":"\#(grant)","as":"deploy"}"#
    }

    @Test func `counts as one from where its client is`() async throws {
        let door = try await door()
        let reply = try await door.send(try vouched(try TestRequest(.session).signed(by: door)))
        #expect(reply.status == 200)
        #expect(door.lines.text.contains("198.51.100.9"))
        #expect(!door.lines.text.contains("192.0.2.1"))
    }

    @Test func `is refused where the door is not believed, and never counts as the door's own`() async throws
    {
        let door = try await door()
        let good = try TestRequest(.session).signed(by: door)
        let wrong = [
            try vouched(good, by: try DPoPKey()), try vouched(try vouched(good)),
            try vouched(good, from: "x"),
        ]
        for request in wrong {
            let reply = try await door.send(request)
            #expect(reply.status == 401)
            #expect(reply.code == "proof-invalid")
        }
        var other = good
        other.fields.append(
            (APIHeader.door, try vouched(try TestRequest(.session).signed(by: door)).fields.last?.1 ?? ""))
        #expect(try await door.send(other).code == "proof-invalid")
        #expect(try await door.send(good).status == 200, "none of them used up the proof")
        let closed = try await TestDoor()
        let reply = try await closed.send(try vouched(try TestRequest(.session).signed(by: closed)))
        #expect(reply.code == "proof-invalid")
    }

    @Test(arguments: [Route.identities, .policy, .keys, .totp, .recoveryCodes, .sessionsEnd])
    func `reaches nothing but what a conversation needs`(_ route: Route) async throws {
        let door = try await door()
        let request = TestRequest(route, route.method == "POST" ? "{}" : "")
        #expect(try await door.send(try vouched(try request.signed(by: door))).code == "proof-invalid")
    }

    @Test func `gets certificates of grants that say so, and the ledger says how`() async throws {
        let door = try await door(
            """
            grants:
              - {name: web, who: [alice], to: [host:web1], as: [deploy]}
              - {name: open, who: [alice], to: [host:web1], as: [deploy], door: true}
            """)
        let refused = try await door.send(
            try vouched(try TestRequest(.certificates, certificate()).signed(by: door)))
        #expect(refused.status == 403)
        #expect(refused.code == "door-not-granted")
        let reply = try await door.send(
            try vouched(try TestRequest(.certificates, certificate("open")).signed(by: door)))
        #expect(reply.status == 200)
        let events = await door.store.events
        #expect(events.map(\.details["origin"]) == [.text("door"), .text("door")])
        #expect(events.map(\.source) == ["198.51.100.9", "198.51.100.9"])
        #expect(events.map(\.refusal) == [.doorNotGranted, nil])
    }

    @Test func `hears what the door is not enough for`() async throws {
        let door = try await door()
        let reach = try await door.send(try vouched(try TestRequest(.reach).signed(by: door)))
        let hosts = try reach.message(ReachReply.self).hosts
        #expect(hosts.flatMap(\.logins).map(\.missing) == [["door-not-granted"]])
        let question = TestRequest(.explain, #"{"to":"web1","as":"deploy"}"#)
        let explained = try await door.send(try vouched(try question.signed(by: door)))
        let reply = try explained.message(ExplainReply.self)
        #expect(!reply.allowed)
        #expect(reply.lines.contains { $0.contains("does not say `door: true`") })
        let plain = try await door.send(try question.signed(by: door))
        #expect(try plain.message(ExplainReply.self).allowed)
    }

    @Test func `is told to clients where there is one`() async throws {
        let info = DoorInfo(host: "ca.example.com", port: 22, hostKey: line)
        let door = try await TestDoor { $0.door = info }
        #expect(try await door.send(TestRequest(.authority)).message(AuthorityInfo.self).door == info)
        let reach = try await door.send(try TestRequest(.reach).signed(by: door))
        #expect(try reach.message(ReachReply.self).door == info)
    }
}
