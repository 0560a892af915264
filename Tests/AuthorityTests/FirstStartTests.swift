import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `The first start` {
    private func empty() async throws -> (authority: Authority, store: InMemoryStore, clock: SteppedClock) {
        let clock = SteppedClock()
        let store = InMemoryStore(now: { clock.now })
        let authority = try await Self.authority(store, clock, signer: try FakeSigner())
        return (authority, store, clock)
    }

    private static func authority(
        _ store: InMemoryStore, _ clock: SteppedClock, signer: FakeSigner
    ) async throws -> Authority {
        try await Authority(
            store: store, signer: signer, hashing: FakeHashing(), sealing: FakeSealing(), world: clock.world,
            settings: Authority.Settings(origin: "authority.example.com", node: "node-1"))
    }

    @Test func `makes the first admin and the first policy, once`() async throws {
        let (authority, store, _) = try await empty()
        let link = try #require(
            try await authority.firstStart(admin: try Name("ada"), login: try Login("ada")))
        #expect(link.identity.id == (try IdentityID("ada")))
        #expect(
            try await authority.policies.current().policy.admins(among: [link.identity.id]) == [
                link.identity.id
            ])
        #expect(try await authority.firstStart(admin: try Name("mallory"), login: nil) == nil)
        #expect(await store.events.map(\.action) == [.authorityCreated])
    }

    @Test func `makes another link until the admin has factors`() async throws {
        let (authority, store, clock) = try await empty()
        _ = try await authority.firstStart(admin: try Name("ada"), login: nil)
        clock.step(3_600)
        let link = try #require(try await authority.firstLinkAgain())
        let token = link.token.withExposed { $0 }
        let key = try TestHouse.key(1).publicKey
        let begun = try await authority.enrolment.begin(token: token, key: key, source: "s", requestID: "r")
        guard case .newFactors(let secret) = begun.needs else { throw TestFailure("ada has factors") }
        let code = secret.withExposed { TOTP.code(secret: $0, step: clock.now.seconds / 30) }
        let request = PersonEnrolment(
            token: token, state: begun.state, deviceName: "laptop",
            password: Secret(Array(TestHouse.password.utf8)), code: code)
        _ = try await authority.personEnrolment.finish(
            request, key: key, source: "s", requestID: "r", once: .unclaimed)
        #expect(try await authority.firstLinkAgain() == nil)
        #expect(await store.sessions.count == 1)
    }

    @Test func `gives nobody the login root`() async throws {
        let (authority, store, _) = try await empty()
        #expect(
            await refusal { try await authority.firstStart(admin: try Name("ada"), login: try Login("root")) }
                == .badName)
        #expect(await store.currentPolicyVersion() == 0)
    }

    @Test(arguments: SigningRole.allCases) func `wants every key of the authority`(
        _ role: SigningRole
    ) async throws {
        let clock = SteppedClock()
        let store = InMemoryStore(now: { clock.now })
        let signer = try FakeSigner(missing: [role])
        let error = await failure { try await Self.authority(store, clock, signer: signer) }
        guard case .signer = error else { return #expect(Bool(false), "\(error as Any)") }
    }

    @Test func `C03 wants different keys`() async throws {
        let clock = SteppedClock()
        let store = InMemoryStore(now: { clock.now })
        let signer = try FakeSigner(sharing: .userCA, as: .hostCA)
        let error = await failure { try await Self.authority(store, clock, signer: signer) }
        guard case .mismatch = error else { return #expect(Bool(false), "\(error as Any)") }
    }
}
