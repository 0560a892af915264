import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `The rules of governance` {
    private static let day: Int64 = 86_400

    private func under(_ rules: String = "") async throws -> TestHouse {
        try await TestHouse(policy: TestHouse.policy + (rules.isEmpty ? "" : "\ngovernance: {\(rules)}\n"))
    }

    /// What they find, as `rule identity key?`.
    private func found(_ house: TestHouse, _ rule: GovernanceRule) async throws -> [String] {
        let audrey = try await house.requester("audrey")
        let report = try await house.authority.governance.report(to: audrey)
        return report.findings.filter { $0.rule == rule }.map { finding in
            [finding.identity?.description ?? "-", finding.words].joined(separator: ": ")
        }
    }

    private func register(
        _ key: UInt8, of id: String, _ house: TestHouse, usedAt: UnixTime? = nil
    ) async throws {
        let registered = RegisteredKey(
            publicKey: try TestHouse.key(key).publicKey, identity: try IdentityID(id), purpose: .authenticate,
            origin: "enrolment", createdAt: house.clock.now, lastUsedAt: usedAt)
        _ = try await house.store.record(Entry([.keyRegistered(registered)], event: nil))
    }

    @Test func `are told to auditors alone, each with what it does`() async throws {
        let house = try await under("dormant-keys: {do: lock, after: 30d}, weak-algorithms: off")
        let audrey = try await house.requester("audrey")
        let report = try await house.authority.governance.report(to: audrey)
        #expect(report.rules.map(\.rule) == GovernanceRule.allCases)
        let words = Dictionary(uniqueKeysWithValues: report.rules.map { ($0.rule, $0.setting.words) })
        #expect(words[.dormantKeys] == "lock after 30d" && words[.weakAlgorithms] == "off")
        #expect(words[.passwordAge] == "off after 365d", "NIST SP 800-63B forces none")
        #expect(words[.failedAttempts] == "warn from 20 on")
        let alice = try await house.requester("alice")
        #expect(
            await refusal { try await house.authority.governance.report(to: alice) } == .adminRequired)
    }

    @Test(arguments: [
        "dormant-keys: {do: lock, count: 3}", "no-such: warn", "dormant-keys: maybe",
        "owner-left: {after: 1d}",
        "failed-attempts: {do: warn, count: 0}", "[]",
    ])
    func `that are none are refused`(_ rules: String) throws {
        let text = TestHouse.policy + "\ngovernance: {\(rules)}\n"
        #expect(throws: PolicyFaults.self) { try Policy(yaml: text) }
    }

    @Test func `find who was never seen, or long ago`() async throws {
        let house = try await under()
        try await house.add("alice")
        try await house.enrol("bob", key: 7)
        #expect(try await found(house, .dormantIdentities).isEmpty)
        house.clock.step(100 * Self.day)
        let dormant = try await found(house, .dormantIdentities)
        #expect(dormant.contains("alice: was never seen") && dormant.contains("bob: was last seen 100d ago"))
    }

    @Test func `find keys that nobody uses, that are overdue, and that are weak`() async throws {
        let house = try await under("overdue-keys: {do: warn, after: 200d}")
        try await house.add("device:alice.laptop", owner: "alice")
        try await register(8, of: "device:alice.laptop", house)
        #expect(try await found(house, .dormantKeys).isEmpty)
        house.clock.step(100 * Self.day)
        #expect(try await found(house, .dormantKeys) == ["device:alice.laptop: was never used"])
        #expect(try await found(house, .overdueKeys).isEmpty)
        house.clock.step(100 * Self.day)
        #expect(try await found(house, .overdueKeys) == ["device:alice.laptop: was registered 200d ago"])
        #expect(try await found(house, .weakAlgorithms).isEmpty)
        let (key, desk) = (try TestHouse.key(8).publicKey.fingerprint, house.authority.keyDesk)
        let bob = try await house.requester("bob")
        let stale = try await house.requester("alice", signedIn: 901)
        let alice = try await house.requester("alice")
        for (who, code) in [(bob, Refusal.notFound), (stale, .factorTooOld)] {
            #expect(
                await refusal { try await desk.reauthorize(key, reason: nil, by: who, once: .unclaimed) }
                    == code)
        }
        let went = try await desk.reauthorize(key, reason: "still mine", by: alice, once: .unclaimed).value
        #expect(went.key.reauthorizedAt == house.clock.now)
        #expect(try await found(house, .overdueKeys).isEmpty)
        let event = try #require(
            await house.store.events.last { $0.action == .keyReauthorized && $0.refusal == nil })
        #expect(event.details["reason"] == .text("still mine"))
        house.clock.step(200 * Self.day)
        #expect(try await found(house, .overdueKeys) == ["device:alice.laptop: was reauthorized 200d ago"])
        // Whoever has the role does it for others; what has ended does not go on.
        let ada = try await house.requester("ada")
        _ = try await desk.reauthorize(key, reason: nil, by: ada, once: .unclaimed)
        #expect(try await found(house, .overdueKeys).isEmpty)
        _ = try await house.store.record(Entry([.keyChanged(key, .compromised)], event: nil))
        let late = try await house.requester("alice")
        #expect(
            await refusal { try await desk.reauthorize(key, reason: nil, by: late, once: .unclaimed) }
                == .stateChange)
    }

    @Test func `C14 find one key with certificates of two persons`() async throws {
        let (house, _) = try await TestHouse.withHost()
        for name in ["alice", "bob"] {
            let who = try await house.requester(name)
            _ = try await house.authority.issuance.issue(try house.wish(), by: who, once: .unclaimed)
        }
        #expect(
            try await found(house, .sharedKeys)
                == ["alice: is certified for alice, bob", "bob: is certified for alice, bob"])
        house.clock.step(Self.day)
        #expect(try await found(house, .sharedKeys).isEmpty, "nothing of it runs any more")
    }

    @Test func `find a key that is used from everywhere at once`() async throws {
        let house = try await under()
        try await house.add("device:alice.laptop", owner: "alice")
        try await register(8, of: "device:alice.laptop", house)
        let key = try TestHouse.key(8).publicKey.fingerprint
        for source in ["192.0.2.1", "198.51.100.1", "2001:db8::1", "2001:db8::2"] {
            _ = try await house.store.record(
                Entry([.keyUsed(key, at: house.clock.now, from: source)], event: nil))
            house.clock.step(1)
        }
        let shared = try await found(house, .manyAddresses)
        #expect(shared.count == 1 && shared[0].hasPrefix("device:alice.laptop: was used within an hour from"))
        house.clock.step(3_600)
        #expect(try await found(house, .manyAddresses).isEmpty)
    }

    @Test func `find persons without a second factor, and what has lost its owner`() async throws {
        let house = try await under()
        try await house.enrol("alice", key: 7)
        try await house.add("mallory")
        _ = try await house.addHost("web1.example.com", agentKey: 20, hostKey: 21)
        let without = try await found(house, .noSecondFactor)
        #expect(without.contains("mallory: has no second factor"))
        #expect(!without.contains { $0.hasPrefix("alice") })
        #expect(try await found(house, .ownerLeft).isEmpty)
        var ada = try await house.requester("ada").identity
        ada.status = .retired
        _ = try await house.store.record(Entry([.identityChanged(ada)], event: nil))
        #expect(try await found(house, .ownerLeft) == ["host:web1.example.com: its owner ada is retired"])
    }

    @Test func `find guesses, and passwords that are old`() async throws {
        let house = try await under(
            "failed-attempts: {do: warn, count: 2}, password-age: {do: warn, after: 10d}")
        let alice = try await house.enrol("alice", key: 7)
        for _ in 0..<2 {
            house.clock.step(60)
            _ = await refusal {
                try await house.signIn(
                    "alice", password: "wrong wrong wrong", code: alice.code(at: house.clock.now),
                    key: alice.key)
            }
        }
        #expect(try await found(house, .failedAttempts) == ["alice: 2 wrong factors within a day"])
        #expect(try await found(house, .passwordAge).isEmpty)
        house.clock.step(10 * Self.day)
        #expect(try await found(house, .passwordAge) == ["alice: the password was set 10d ago"])
    }
}

@Suite struct `A rule of governance that does more than warn` {
    private func furnished(_ rule: String) async throws -> (TestHouse, Requester) {
        let policy = TestHouse.policy + "\ngovernance: {\(rule)}\n"
        let house = try await TestHouse(policy: policy)
        _ = try await house.addHost("web1.example.com", agentKey: 20, hostKey: 21, labels: ["env=staging"])
        return (house, try await house.requester("alice", signedIn: 1_000))
    }

    private func issue(_ house: TestHouse, _ who: Requester) async throws -> IssuedCertificate {
        try await house.authority.issuance.issue(try house.wish(), by: who, once: .unclaimed).value
    }

    @Test func `asks for a second factor again, by verify`() async throws {
        let (house, alice) = try await furnished("no-second-factor: verify")
        let refused = await refused { try await issue(house, alice) }
        #expect(refused?.refusal == .factorTooOld && refused?.factors == [.totp])
        #expect(refused?.detail.contains("no-second-factor: alice has no second factor") == true)
        _ = try await issue(house, try await house.requester("alice"))
    }

    @Test func `refuses the next use, by lock, and says so in the ledger`() async throws {
        let (house, _) = try await furnished("no-second-factor: lock")
        let alice = try await house.requester("alice")
        #expect(await refusal { try await issue(house, alice) } == .governanceLocked)
        #expect(await house.story.last == "certificate.refused:governance-locked")
        let (free, _) = try await furnished("no-second-factor: warn")
        _ = try await issue(free, try await free.requester("alice"))
    }

    @Test func `keeps who was away for too long from signing in, but no admin`() async throws {
        let (house, _) = try await furnished("dormant-identities: {do: lock, after: 30d}")
        let alice = try await house.enrol("alice", key: 7)
        let ada = try await house.enrol("ada", key: 8)
        house.clock.step(29 * 86_400)
        try await house.signIn(alice)
        house.clock.step(31 * 86_400)
        #expect(await refusal { try await house.signIn(alice) } == .governanceLocked)
        house.clock.step(30)
        #expect(await refusal { try await house.signIn(alice) } == .governanceLocked, "trying is no use")
        try await house.signIn(ada)
    }

    @Test func `holds back a host whose owner has left`() async throws {
        let (house, _) = try await furnished("owner-left: lock")
        let host = try await house.addHost("db1.example.com", agentKey: 30, hostKey: 31)
        let keys = [try TestHouse.key(31).publicKey]
        _ = try await house.authority.issuance.issueHost(keys, by: host, once: .unclaimed)
        var ada = try await house.requester("ada").identity
        ada.status = .retired
        _ = try await house.store.record(Entry([.identityChanged(ada)], event: nil))
        house.clock.step(31)
        #expect(
            await refusal { try await house.authority.issuance.issueHost(keys, by: host, once: .unclaimed) }
                == .governanceLocked)
    }
}
