package import Authority
import Names
package import SSHFormats

/// An authority over fakes, with a policy that knows ada and abel (admins), erin (enroller), hal (helpdesk),
/// audrey (auditor), alice and bob (logins on hosts).
package struct TestHouse: Sendable {
    package let clock: SteppedClock
    package let store: InMemoryStore
    package let signer: FakeSigner
    package let hashing: FakeHashing
    package let sealing: FakeSealing
    package let upstream = PlayedUpstream()
    package let authority: Authority

    /// Makes providers over the house's store, and the desk for browsers that go to them.
    package typealias SingleSignOn = (InMemoryStore, World, FakeSealing) throws -> (
        participants: [any Participant], browsers: BrowserSignInDesk
    )

    /// A house whose policy is in force and in which nobody is enrolled.
    package init(
        policy: String = TestHouse.policy, ways: [SignInWay] = [.standard],
        participants: [any Participant] = [],
        sshKeys: SSHKeyDemand = .any, passkeys: PasskeySettings? = nil, singleSignOn: SingleSignOn? = nil
    ) async throws {
        clock = SteppedClock()
        store = InMemoryStore(now: { [clock] in clock.now })
        signer = try FakeSigner()
        hashing = FakeHashing()
        sealing = FakeSealing()
        let providers = try singleSignOn?(store, clock.world, sealing)
        authority = try await Self.authority(
            store, signer, hashing, sealing, clock, upstream, ways: ways,
            participants: participants + (providers?.participants ?? []), sshKeys: sshKeys,
            passkeys: passkeys,
            browsers: providers?.browsers)
        let version = PolicyVersion(version: 1, text: policy, appliedBy: nil, appliedAt: clock.now)
        _ = try await store.record(Entry([.policyApplied(version)], event: nil))
    }

    private init(beside house: TestHouse) async throws {
        clock = house.clock
        store = house.store
        signer = house.signer
        hashing = house.hashing
        sealing = house.sealing
        authority = try await Self.authority(
            store, signer, hashing, sealing, clock, upstream, node: "node-2")
    }

    /// Another process on the same store.
    package func secondNode() async throws -> TestHouse { try await TestHouse(beside: self) }

    private init(restarting house: TestHouse) async throws {
        clock = house.clock
        store = house.store
        signer = house.signer
        hashing = house.hashing
        sealing = house.sealing
        await house.store.restart()
        authority = try await Self.authority(store, signer, hashing, sealing, clock, upstream)
    }

    /// The same house after its process was started anew.
    package func restarted() async throws -> TestHouse { try await TestHouse(restarting: self) }

    private static func authority(
        _ store: InMemoryStore, _ signer: FakeSigner, _ hashing: FakeHashing, _ sealing: FakeSealing,
        _ clock: SteppedClock, _ upstream: PlayedUpstream, node: String = "node-1",
        ways: [SignInWay] = [.standard], participants: [any Participant] = [],
        sshKeys: SSHKeyDemand = .any, passkeys: PasskeySettings? = nil, browsers: BrowserSignInDesk? = nil
    ) async throws -> Authority {
        var settings = Authority.Settings(origin: "authority.example.com", node: node)
        settings.ways = ways
        settings.participants = participants
        settings.sshKeys = sshKeys
        settings.passkeys = passkeys
        settings.upstream = upstream
        settings.browserSignIns = browsers
        return try await Authority(
            store: store, signer: signer, hashing: hashing, sealing: sealing, world: clock.world,
            settings: settings)
    }

    package static let policy = """
        groups:
          admins: [ada, abel]
          web: [alice, bob]
        grants:
          - {name: admins, who: [group:admins], to: [authority], as: [admin]}
          - {name: enrol, who: [erin], to: [authority], as: [enroller]}
          - {name: help, who: [hal], to: [authority], as: [helpdesk]}
          - {name: audit, who: [audrey], to: [authority], as: [auditor]}
          - {name: staging, who: [group:web], to: ["label:env=staging", "host:web1.example.com"],
             as: [deploy, $self], scope: day, for: 8h}
          - {name: one, who: [alice], to: ["host:db1.example.com"], as: [alice], scope: connection, for: 2m}
          - {name: old, who: [alice], to: ["host:old1.example.com"], as: [deploy], principals: plain, scope: day,
             for: 1h}
          - {name: backup, who: [bob], to: ["host:db1.example.com"], as: [backup], scope: day, for: 1h,
             from: [10.0.0.0/8], options: {forceCommand: /usr/bin/backup}}
        """
}

extension TestHouse {
    /// The same bytes for the same number.
    package static func key(_ number: UInt8) throws -> PrivateKey {
        try PrivateKey(ed25519Seed: [UInt8](repeating: number, count: 32))
    }

    /// Adds an identity without enrolling it, and its owner if unknown. A person's login is their name.
    @discardableResult
    package func add(
        _ text: String, owner: String? = nil, labels: [String] = [], aliases: [String] = [],
        addresses: [String] = []
    ) async throws -> Identity {
        let id = try IdentityID(text)
        if let owner, await store.identity(try IdentityID(owner)) == nil { try await add(owner) }
        let attributes = IdentityAttributes(
            login: id.kind == .person ? try Login(id.name.text) : nil,
            aliases: try aliases.map { try Name(host: $0) }, addresses: addresses,
            labels: Set(try labels.map { try Label($0) }))
        let identity = Identity(
            id: id, owner: try owner.map { try IdentityID($0) }, attributes: attributes, createdAt: clock.now)
        _ = try await store.record(Entry([.identityAdded(identity)], event: nil))
        return identity
    }

    /// Adds a host and registers its agent's key and its ssh host key.
    package func addHost(
        _ name: String, agentKey: UInt8, hostKey: UInt8, labels: [String] = [], aliases: [String] = [],
        addresses: [String] = []
    ) async throws -> Requester {
        let host = try await add(
            "host:\(name)", owner: "ada", labels: labels, aliases: aliases, addresses: addresses)
        for (number, origin) in [(agentKey, "enrolment"), (hostKey, "host-key")] {
            let key = RegisteredKey(
                publicKey: try Self.key(number).publicKey, identity: host.id, purpose: .authenticate,
                origin: origin, createdAt: clock.now)
            _ = try await store.record(Entry([.keyRegistered(key)], event: nil))
        }
        return Requester(identity: host, session: nil, device: nil, source: "192.0.2.9", requestID: "host-1")
    }

    /// Somebody who signed in just now; added if unknown.
    package func requester(_ text: String, signedIn ago: Int64 = 0) async throws -> Requester {
        let id = try IdentityID(text)
        let known = await store.identity(id)
        let identity = if let known { known } else { try await add(text) }
        let then = clock.now.advanced(by: -ago)
        let session = Session(
            id: "\(text)-session", identity: id, device: nil, factors: [.password: then, .totp: then],
            boundTo: try Self.key(1).publicKey.fingerprint, source: "192.0.2.1", startedAt: then,
            lastUsedAt: then)
        return Requester(
            identity: identity, session: session, device: nil, source: "192.0.2.1", requestID: "request-1")
    }
}
