import SSHFormats
import TestKit
import Testing

@testable import Authority

@Suite struct `A lifetime` {
    @Test(arguments: [1, 59, 28_799, 28_800] as [UInt64])
    func `is exactly what was asked for`(_ seconds: UInt64) async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let issued = try await house.authority.issuance.issue(
            try house.wish(lifetime: seconds), by: alice, once: .unclaimed
        ).value.certificate
        #expect(issued.validAfter == house.clock.now.advanced(by: -60))
        #expect(issued.validBefore == house.clock.now.advanced(by: Int64(seconds)))
    }

    @Test(arguments: [0, 28_801, 86_401, 1 << 63, UInt64.max - 60, UInt64.max])
    func `out of range is refused, never shortened`(_ seconds: UInt64) async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        #expect(
            await refusal {
                try await house.authority.issuance.issue(
                    try house.wish(lifetime: seconds), by: alice, once: .unclaimed)
            } == .badLifetime)
        #expect(house.signer.signed == 0)
    }

    @Test(arguments: [0, 86_401, 1 << 63, UInt64.max])
    func `is looked at once more behind the policy`(_ seconds: UInt64) {
        let lint = CertificateLint(authorityKeys: [])
        #expect(throws: AuthorityError.self) {
            try lint.validity(
                lifetime: seconds, limit: CertificateLint.longestUser, at: UnixTime(1_800_000_000))
        }
    }

    @Test func `does not begin before 1970`() throws {
        let validity = try CertificateLint(authorityKeys: []).validity(
            lifetime: 60, limit: 60, at: UnixTime(10))
        #expect(validity.validAfter == UnixTime(0))
        #expect(validity.validBefore == UnixTime(70))
    }

    @Test(arguments: [0, 1, 59, 60] as [UInt64])
    func `beyond the end of time is refused`(_ left: UInt64) async {
        let given = await refusal {
            try CertificateLint(authorityKeys: []).validity(
                lifetime: 61, limit: UInt64.max, at: UnixTime(UInt64.max - left))
        }
        #expect(given == .badLifetime)
    }
}
