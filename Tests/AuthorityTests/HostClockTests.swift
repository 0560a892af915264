import Authority
import Names
import SSHFormats
import TestKit
import Testing

/// N09: a certificate that the host would refuse by its clock is not issued; the refusal names the clock.
@Suite struct `The clock of a host, N09` {
    private func house(ahead: Int64) async throws -> (TestHouse, Requester) {
        let (house, host) = try await TestHouse.withHost()
        await house.authority.hostClocks.note(host.identity.id, said: house.clock.now.advanced(by: ahead))
        return (house, try await house.requester("alice"))
    }

    private func refusal(_ house: TestHouse, _ alice: Requester) async throws -> Refused? {
        let wish = try house.wish(to: "web1.example.com")
        return await refused {
            try await house.authority.issuance.issue(wish, by: alice, once: .unclaimed)
        }
    }

    @Test(
        arguments: [
            (-61, "not yet valid"), (-600, "not yet valid"), (-31_536_000, "not yet valid"),
            (31_536_000, "expired"),
        ] as [(Int64, String)])
    func `that is wrong is named in the refusal and in the explanation`(
        _ ahead: Int64, _ words: String
    ) async throws {
        let (house, alice) = try await house(ahead: ahead)
        let refused = try #require(try await refusal(house, alice))
        #expect(refused.refusal == .hostClockWrong)
        let way = ahead > 0 ? "ahead" : "behind"
        let named = "the clock of web1.example.com is \(ahead.magnitude) s \(way)"
        #expect(
            refused.detail.hasPrefix(named) && refused.detail.hasSuffix("as \(words)"), "\(refused.detail)")
        #expect(await house.story == ["certificate.refused:host-clock-wrong"])
        let explained = try await house.authority.access.explain(
            who: nil, to: "web1.example.com", as: try Login("deploy"), by: alice)
        guard case .refused(.hostClockWrong, _, _) = explained.decision else {
            return #expect(Bool(false), "\(explained.decision)")
        }
        #expect(explained.lines.contains { $0.contains(named) }, "\(explained.lines)")
    }

    @Test(arguments: [-60, 0, 60, 600] as [Int64])
    func `that does no harm to the certificate is no matter`(_ ahead: Int64) async throws {
        let (house, alice) = try await house(ahead: ahead)
        #expect(try await refusal(house, alice) == nil)
    }

    @Test func `counts no more once it was set, or was not seen for a while`() async throws {
        let (house, alice) = try await house(ahead: -600)
        let host = IdentityID(.host, try Name(host: "web1.example.com"))
        #expect(try await refusal(house, alice) != nil)
        await house.authority.hostClocks.note(host, said: house.clock.now)
        #expect(try await refusal(house, alice) == nil)
        await house.authority.hostClocks.note(host, said: house.clock.now.advanced(by: -600))
        #expect(try await refusal(house, alice) != nil)
        house.clock.step(1_300)
        #expect(try await refusal(house, alice) == nil)
    }

    @Test func `is known to another server, and is written down only when that is news`() async throws {
        let (house, _) = try await house(ahead: -600)
        let host = IdentityID(.host, try Name(host: "web1.example.com"))
        let other = try await house.secondNode()
        let alice = try await other.requester("alice")
        #expect(try await refusal(other, alice)?.refusal == .hostClockWrong)
        let first = try #require(await house.store.clock(of: host))
        house.clock.step(10)
        await house.authority.hostClocks.note(host, said: house.clock.now.advanced(by: -598))
        #expect(await house.store.clock(of: host) == first)
        house.clock.step(301)
        await house.authority.hostClocks.note(host, said: house.clock.now.advanced(by: -598))
        #expect(await house.store.clock(of: host)?.ahead == -598)
    }

    @Test func `is not told to whom the host is not`() async throws {
        let (house, _) = try await house(ahead: -600)
        let mallory = try await house.requester("mallory")
        let explained = try await house.authority.access.explain(
            who: nil, to: "web1.example.com", as: try Login("deploy"), by: mallory)
        #expect(!explained.lines.contains { $0.contains("clock") })
    }
}
