import AuthorityAPI
import Names
import Testing

@testable import Gateway

@Suite struct `Requests too many` {
    @Test func `from one address are refused until its share is there again`() async throws {
        let door = try await TestDoor { $0.requestsPerSource = 1 }
        for _ in 0..<10 { #expect(try await door.send(TestRequest(.livez)).status == 200) }
        let reply = try await door.send(TestRequest(.livez))
        #expect(reply.status == 429)
        #expect(reply.code == "too-many-requests")
        #expect(reply.field("Retry-After") == "1")
        var elsewhere = TestRequest(.livez)
        elsewhere.source = "192.0.2.2"
        #expect(try await door.send(elsewhere).status == 200)
    }

    @Test func `count for unknown paths, other methods and proofs that are none`() async throws {
        let door = try await TestDoor { $0.requestsPerSource = 1 }
        var unknown = TestRequest(.livez)
        unknown.path = "/unknown"
        for _ in 0..<5 {
            #expect(try await door.send(unknown).status == 404)
            #expect(try await door.send(TestRequest(.session)).status == 401)
        }
        #expect(try await door.send(unknown).status == 429)
        #expect(try await door.send(TestRequest(.session)).status == 429)
        var body = TestRequest(.certificates, "{}")
        body.source = "192.0.2.1"
        let reply = try await door.send(body)
        #expect(reply.status == 429)
        #expect(reply.field("Connection") == "close", "its body is not read")
    }

    @Test func `are counted by network where an address is cheap`() async throws {
        let door = try await TestDoor { $0.requestsPerSource = 1 }
        var last = 0
        for number in 0..<11 {
            var request = TestRequest(.livez)
            request.source = "2001:db8::\(number)"
            last = try await door.send(request).status
        }
        #expect(last == 429)
    }

    @Test func `of strangers behind an address take nothing from those who are signed in`() async throws {
        let door = try await TestDoor { $0.requestsPerSource = 20 }
        for _ in 0..<500 { #expect(try await door.send(try signed(door)).status == 200) }
        #expect(try await door.send(TestRequest(.livez)).status == 200)
    }

    @Test func `of one identity are refused, and its host is another`() async throws {
        let door = try await TestDoor { $0.requestsPerIdentity = 1 }
        for _ in 0..<10 { #expect(try await door.send(try signed(door)).status == 200) }
        let reply = try await door.send(try signed(door))
        #expect(reply.status == 429)
        #expect(reply.code == "too-many-requests")
        var host = TestRequest(.hostState)
        host.proof = try host.proof(by: door.hostKey, token: nil)
        #expect(try await door.send(host).status == 200)
    }

    private func signed(_ door: TestDoor) throws -> TestRequest { try TestRequest(.session).signed(by: door) }
}

@Suite struct `The table of rates` {
    @Test func `X07 takes the same memory for a million addresses and forgets nobody for them`() {
        let table = RateTable(perSecond: 1)
        let now = ContinuousClock.now
        let size = table.size
        for _ in 0..<10 { #expect(table.take("attacker", at: now) == nil) }
        #expect(table.take("attacker", at: now) == 1)
        for number in 0..<1_000_000 { _ = table.take(number, at: now) }
        #expect(table.size == size)
        #expect(size < 1_100_000)
        #expect(table.take("attacker", at: now) == 1)
        #expect(table.take("attacker", at: now + .seconds(1)) == nil)
        #expect(table.take("attacker", at: now + .seconds(1)) == 1)
    }

    @Test func `gives a share back with time and never more than ten seconds' worth`() {
        let table = RateTable(perSecond: 2)
        let now = ContinuousClock.now
        var taken = 0
        while table.take("a", at: now + .seconds(3_600)) == nil { taken += 1 }
        #expect(taken == 20)
        #expect(table.look("a", at: now + .seconds(3_600)) == 1)
        #expect(table.look("a", at: now + .milliseconds(3_600_500)) == nil)
    }

    @Test func `refuses few strangers even while a hundred thousand others are busy`() {
        let table = RateTable(perSecond: 10)
        let now = ContinuousClock.now
        for number in 0..<100_000 { for _ in 0..<10 { _ = table.take(number, at: now) } }
        let refused = (0..<1_000).count { table.look("stranger \($0)", at: now) != nil }
        #expect(refused < 20)
    }

    @Test func `a clock that stands or goes back does not trap`() {
        let table = RateTable(perSecond: .max)
        let now = ContinuousClock.now
        #expect(table.take("a", at: now - .seconds(86_400)) == nil)
        #expect(table.take("a", at: now) == nil)
    }
}
