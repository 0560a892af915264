import AuthorityAPI
import TestKit
import Testing

@testable import Gateway

@Suite struct `Two servers by one name` {
    private func doors() async throws -> (first: TestDoor, second: TestDoor) {
        let first = try await TestDoor { $0.nonce = "first" }
        return (first, try await TestDoor(beside: first) { $0.nonce = "second" })
    }

    private func request(_ door: TestDoor, nonce: String?) throws -> TestRequest {
        var request = TestRequest(.session)
        request.token = TestDoor.token
        request.proof = try request.proof(by: door.key, nonce: nonce)
        return request
    }

    @Test func `take a proof without a nonce once, whichever of them it is shown to`() async throws {
        let (first, second) = try await doors()
        let proven = try request(first, nonce: nil)
        #expect(try await first.send(proven).status == 200)
        for door in [second, first] {
            let again = try await door.send(proven)
            #expect(again.code == "proof-invalid")
            #expect(try again.message(Problem.self).detail == "this proof was used before")
        }
        let another = try request(first, nonce: nil)
        #expect(try await second.send(another).status == 200)
    }

    @Test func `take a stranger's proof once as well`() async throws {
        let (first, second) = try await doors()
        var request = TestRequest(.signIn, #"{"name":"alice"}"#)
        request.proof = try request.proof(by: first.key, token: nil)
        #expect(try await first.send(request).status == 200)
        #expect(try await second.send(request).code == "proof-invalid")
    }

    @Test func `take a proof with the nonce that they gave out themselves, once`() async throws {
        let (first, second) = try await doors()
        let nonce = try #require(try await first.send(TestRequest(.livez)).field("DPoP-Nonce"))
        let proven = try request(first, nonce: nonce)
        let elsewhere = try await second.send(proven)
        #expect(elsewhere.status == 401)
        #expect(elsewhere.code == "use-dpop-nonce")
        #expect(elsewhere.field("DPoP-Nonce") == "second")
        #expect(elsewhere.field("WWW-Authenticate") == #"DPoP error="use_dpop_nonce", algs="ES256""#)
        #expect(try await first.send(proven).status == 200)
        #expect(try await first.send(proven).code == "proof-invalid")
        #expect(try await second.send(proven).code == "use-dpop-nonce")
    }

    @Test func `ask the store for nothing where the nonce is their own`() async throws {
        let (first, _) = try await doors()
        #expect(try await first.send(try request(first, nonce: "first")).status == 200)
        #expect(await first.store.claimCount == 0)
        #expect(try await first.send(try request(first, nonce: nil)).status == 200)
        #expect(await first.store.claimCount == 1)
    }

    @Test func `are not needed: a server that gives out no nonce takes any`() async throws {
        let door = try await TestDoor()
        let reply = try await door.send(try request(door, nonce: "of a server that was here before"))
        #expect(reply.status == 200)
        #expect(reply.field("DPoP-Nonce") == nil)
        #expect(await door.store.claimCount == 0)
    }
}
