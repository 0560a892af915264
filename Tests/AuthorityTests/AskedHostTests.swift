import Authority
import Names
import SSHFormats
import TestKit
import Testing

/// secret exists and no grant reaches it; absent does not exist. alice has grants elsewhere, mallory has none.
@Suite struct `Whether a host exists` {
    private func house() async throws -> TestHouse {
        let (house, _) = try await TestHouse.withHost()
        _ = try await house.addHost("secret.example.com", agentKey: 24, hostKey: 25, labels: ["env=vault"])
        return house
    }

    private func explained(
        _ host: String, by name: String, _ house: TestHouse
    ) async throws -> [String] {
        let requester = try await house.requester(name)
        do {
            let explanation = try await house.authority.access.explain(
                who: nil, to: host, as: try Login("deploy"), by: requester)
            return explanation.lines.map { $0.replacing(host, with: "HOST") }
        } catch AuthorityError.refused(let refused) {
            return [refused.refusal.rawValue, refused.detail.replacing(host, with: "HOST")]
        }
    }

    @Test(arguments: ["alice", "mallory"]) func `is not told to who has no grant there`(
        _ name: String
    ) async throws {
        let house = try await house()
        let known = try await explained("secret.example.com", by: name, house)
        let unknown = try await explained("absent.example.com", by: name, house)
        #expect(known == unknown)
        #expect(known.first?.contains("may not log in to HOST") == true)
        var refusals: [Refused?] = []
        for host in ["secret.example.com", "absent.example.com"] {
            let requester = try await house.requester(name)
            let wish = try house.wish(to: host)
            let given = await refused {
                try await house.authority.issuance.issue(wish, by: requester, once: .unclaimed)
            }
            refusals.append(
                given.map { Refused($0.refusal, $0.detail.replacing(host, with: "HOST")) })
        }
        #expect(refusals[0] == refusals[1])
        #expect(refusals[0]?.refusal == (name == "alice" ? .hostNotGranted : .noGrant))
    }

    @Test func `is not told by an alias or an address either`() async throws {
        let house = try await house()
        for known in ["web1", "192.0.2.80"] {
            let absent = known == "web1" ? "web9" : "192.0.2.81"
            let first = try await explained(known, by: "mallory", house)
            #expect(try await explained(absent, by: "mallory", house) == first)
        }
    }

    @Test func `is told to those with a role on the authority`() async throws {
        let house = try await house()
        for name in ["erin", "hal", "audrey", "ada"] {
            #expect(
                try await explained("absent.example.com", by: name, house)
                    == ["not-found", "no host is known as HOST"])
            #expect(
                try await explained("secret.example.com", by: name, house).first?
                    .contains("may not log in to HOST") == true)
        }
    }

    @Test func `is told to who is granted it by name, and nothing is issued`() async throws {
        let house = try await TestHouse()
        let alice = try await house.requester("alice")
        #expect(
            try await explained("web1.example.com", by: "alice", house)
                == ["not-found", "no host is known as HOST"])
        let wish = try house.wish()
        #expect(
            await refusal { try await house.authority.issuance.issue(wish, by: alice, once: .unclaimed) }
                == .hostNotGranted)
        #expect(house.signer.signed == 0)
    }
}
