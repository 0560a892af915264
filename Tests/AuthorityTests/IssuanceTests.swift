import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `The way of a certificate` {
    @Test func `ends with the bytes that were recorded`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let outcome = try await house.authority.issuance.issue(try house.wish(), by: alice, once: .unclaimed)
        let certificate = outcome.value.certificate
        #expect(await house.store.issued == [outcome.value])
        #expect(certificate.kind == .user)
        #expect(certificate.principals?.names == ["deploy@env=staging", "deploy@web1.example.com"])
        #expect(certificate.keyID == "alice/grant:staging/session:alice-session")
        #expect(certificate.signatureKey == (try house.authority.keys.key(.userCA)))
        try certificate.verifySignature()
        #expect(outcome.receipt == Receipt(index: 0, treeSize: 1))
        let event = try #require(await house.store.events.first)
        #expect(event.action == .certificateIssued)
        #expect(event.details["principals"] == .list(["deploy@env=staging", "deploy@web1.example.com"]))
        #expect(event.details["serials"] == .list(["1"]))
    }

    @Test(arguments: [
        FakeSigner.Behaviour.signsOtherBytes, .flipsBit(0), .flipsBit(77), .flipsBit(511), .signsAs(.hostCA),
        .signsAs(.plainUserCA), .signsAs(.checkpoint),
    ])
    func `C10 ends where the signer's answer does not fit the proposal`(
        _ behaviour: FakeSigner.Behaviour
    ) async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        house.signer.behave(behaviour)
        let error = await failure {
            try await house.authority.issuance.issue(try house.wish(), by: alice, once: .unclaimed)
        }
        guard case .mismatch = error else { return #expect(Bool(false), "\(error as Any)") }
        #expect(house.signer.signed == 1)
        #expect(await house.store.issued.isEmpty)
        #expect(await house.story == ["certificate.refused:unavailable"])
    }

    @Test func `ends where the signer fails`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let wanted = SignerError.refused(code: "rate", reason: "too many")
        house.signer.behave(.fails(wanted))
        let error = await failure {
            try await house.authority.issuance.issue(try house.wish(), by: alice, once: .unclaimed)
        }
        guard case .signer(wanted) = error else { return #expect(Bool(false), "\(error as Any)") }
        #expect(await house.store.issued.isEmpty)
    }

    @Test(arguments: [StoreError.busy, .failed(reason: "the disk is full")])
    func `ends where it cannot be recorded`(_ fault: StoreError) async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        await house.store.fail { entry in entry.facts.contains { $0.isCertificate } ? fault : nil }
        let error = await failure {
            try await house.authority.issuance.issue(try house.wish(), by: alice, once: .unclaimed)
        }
        guard case .store(fault) = error else { return #expect(Bool(false), "\(error as Any)") }
        #expect(await house.store.issued.isEmpty)
        #expect(await house.story == [])
    }

    /// There is no intent row: what is decided is a value, which nobody can alter in the database.
    @Test func `C10 stays what it was when rows change between decision and signature`() async throws {
        let (house, host) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let wish = try house.wish()
        house.signer.behave(.hangs)
        let task = Task { try await house.authority.issuance.issue(wish, by: alice, once: .unclaimed) }
        await until { house.signer.hanging == 1 }
        var moved = host.identity
        moved.attributes.labels = [try Label("env=production")]
        moved.attributes.aliases = []
        let other = PolicyVersion(version: 2, text: "grants: []", appliedBy: nil, appliedAt: house.clock.now)
        _ = try await house.store.record(Entry([.identityChanged(moved), .policyApplied(other)], event: nil))
        house.signer.release()
        let delivered = try await task.value.value
        #expect(
            delivered.certificate.principals?.names == ["deploy@env=staging", "deploy@web1.example.com"])
        #expect(await house.store.issued == [delivered])
        let event = try #require(await house.store.events.last)
        #expect(event.details["principals"] == .list(["deploy@env=staging", "deploy@web1.example.com"]))
    }

    @Test func `C13 says verify-required where the grant does, and never no-touch-required`() async throws {
        let house = try await TestHouse(
            policy: """
                grants:
                  - {name: admins, who: [ada], to: [authority], as: [admin]}
                  - {name: vault, who: [alice], to: ["host:web1.example.com"], as: [deploy], scope: day, for: 1h,
                     options: {verifyRequired: true}}
                  - {name: easy, who: [alice], to: ["host:web1.example.com"], as: [ci], scope: day, for: 1h}
                """)
        _ = try await house.addHost("web1.example.com", agentKey: 20, hostKey: 21)
        let alice = try await house.requester("alice")
        let token = try securityKey()
        let wish = { (key: PublicKey, login: String) in
            IssuanceRequest(
                publicKey: key, to: "web1.example.com", login: try Login(login), scope: nil, lifetime: nil,
                grant: nil)
        }
        let issuance = house.authority.issuance
        let held = try await issuance.issue(try wish(token, "deploy"), by: alice, once: .unclaimed).value
        #expect(held.certificate.criticalOptions.verifyRequired)
        #expect(!held.certificate.extensions.noTouchRequired)
        let easy = try await issuance.issue(try wish(token, "ci"), by: alice, once: .unclaimed).value
        #expect(!easy.certificate.criticalOptions.verifyRequired)
        #expect(!easy.certificate.extensions.noTouchRequired)
        let plain = try wish(try TestHouse.key(91).publicKey, "deploy")
        #expect(
            await refusal { try await issuance.issue(plain, by: alice, once: .unclaimed) }
                == .hardwareKeyRequired)
    }

    /// `sk-ssh-ed25519@openssh.com`, as a FIDO token would have it.
    private func securityKey() throws -> PublicKey {
        var writer = WireWriter()
        writer.string("sk-ssh-ed25519@openssh.com")
        writer.string(Array(try TestHouse.key(92).publicKey.blob.suffix(32)))
        writer.string("ssh:")
        return try PublicKey(blob: writer.bytes)
    }

    @Test func `P07 of a cancelled request is recorded if it is delivered`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let wish = try house.wish()
        house.signer.behave(.hangs)
        let task = Task { try await house.authority.issuance.issue(wish, by: alice, once: .unclaimed) }
        await until { house.signer.hanging == 1 }
        #expect(await house.store.issued.isEmpty)
        task.cancel()
        house.signer.release()
        let delivered = (try? await task.value).map { [$0.value] } ?? []
        #expect(await house.store.issued == delivered)
        #expect(await house.story.count == delivered.count)
    }

    @Test func `C11 is gone once for one claim, 100 times in parallel`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let wish = try house.wish()
        let once = Once<IssuedCertificate>(claim: house.claim(1)) { $0.certificate.blob }
        let answers = await withTaskGroup(of: Answer.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    do {
                        let outcome = try await house.authority.issuance.issue(wish, by: alice, once: once)
                        return .delivered(outcome.value.certificate.blob, outcome.receipt)
                    } catch AuthorityError.replayed(let reply) {
                        return .replayed((try? house.authority.idempotency.open(reply)) ?? [], reply.receipt)
                    } catch {
                        return .failed("\(error)")
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let recorded = await house.store.issued
        #expect(recorded.count == 1)
        let blob = try #require(recorded.first).certificate.blob
        let receipt = Receipt(index: 0, treeSize: 1)
        #expect(answers.count { $0 == .delivered(blob, receipt) } == 1)
        #expect(answers.count { $0 == .replayed(blob, receipt) } == 99)
        #expect(await house.story == ["certificate.issued"])
    }

    private enum Answer: Hashable {
        case delivered([UInt8], Receipt?)
        case replayed([UInt8], Receipt)
        case failed(String)
    }

    @Test func `C11 is remembered for its body alone`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let once = Once<IssuedCertificate>(claim: house.claim(1)) { $0.certificate.blob }
        _ = try await house.authority.issuance.issue(try house.wish(), by: alice, once: once)
        let same = await failure { try await house.authority.idempotency.remembered(house.claim(1)) }
        guard case .replayed = same else { return #expect(Bool(false), "\(same as Any)") }
        #expect(
            await refusal { try await house.authority.idempotency.remembered(house.claim(1, body: 2)) }
                == .idempotencyMismatch)
        house.clock.step(86_401)
        #expect(await refusal { try await house.authority.idempotency.remembered(house.claim(1)) } == nil)
    }

    @Test func `C12 keeps what the grant demands`() async throws {
        let house = try await TestHouse()
        _ = try await house.addHost("db1.example.com", agentKey: 22, hostKey: 23)
        let bob = try await house.requester("bob")
        let wish = try house.wish(to: "db1.example.com", as: "backup")
        let issued = try await house.authority.issuance.issue(wish, by: bob, once: .unclaimed)
        let options = issued.value.certificate.criticalOptions
        #expect(options.forceCommand == "/usr/bin/backup")
        #expect(options.sourceAddress?.networks == ["10.0.0.0/8"])
    }

    @Test func `is signed by the plain user CA for hosts without the agent`() async throws {
        let house = try await TestHouse()
        _ = try await house.addHost("old1.example.com", agentKey: 22, hostKey: 23)
        let alice = try await house.requester("alice")
        let issued = try await house.authority.issuance.issue(
            try house.wish(to: "old1.example.com"), by: alice, once: .unclaimed)
        #expect(issued.value.authority == .plainUser)
        #expect(issued.value.certificate.principals?.names == ["deploy"])
        #expect(issued.value.certificate.signatureKey == (try house.authority.keys.key(.plainUserCA)))
    }

    @Test func `is refused and recorded without a grant`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let mallory = try await house.requester("mallory")
        #expect(
            await refusal {
                try await house.authority.issuance.issue(try house.wish(), by: mallory, once: .unclaimed)
            } == .noGrant)
        #expect(await house.story == ["certificate.refused:no-grant"])
        #expect(house.signer.signed == 0)
    }

    @Test func `is refused for keys of the authority, weak keys and revoked keys`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let authorityKey = try house.authority.keys.key(.hostCA)
        let smallOrder = try PublicKey(
            blob: Array([0, 0, 0, 11]) + Array("ssh-ed25519".utf8) + [0, 0, 0, 32, 1]
                + [UInt8](repeating: 0, count: 31))
        let revoked = try TestHouse.key(66).publicKey
        let revocation = Revocation(target: .key(revoked.fingerprint), reason: "lost", at: house.clock.now)
        _ = try await house.store.record(Entry([.revoked(revocation)], event: nil))
        for (key, wanted) in [
            (authorityKey, Refusal.keyTaken), (smallOrder, .keyTooWeak), (revoked, .keyRevoked),
        ] {
            let wish = IssuanceRequest(
                publicKey: key, to: "web1.example.com", login: try Login("deploy"), scope: nil, lifetime: nil,
                grant: nil)
            #expect(
                await refusal { try await house.authority.issuance.issue(wish, by: alice, once: .unclaimed) }
                    == wanted)
        }
        #expect(house.signer.signed == 0)
        #expect(await house.story.count == 3)
    }

    @Test func `C14 is refused for a key that is registered to somebody else`() async throws {
        let (house, _) = try await TestHouse.withHost()
        try await house.enrol("bob", key: 31)
        let own = try await house.enrol("alice", key: 32)
        let alice = try await house.requester("alice")
        let before = await house.story.count
        // Of a host, of its agent, of another person's device.
        for number in [UInt8(21), 20, 31] {
            let wish = try house.wish(key: number)
            #expect(
                await refusal { try await house.authority.issuance.issue(wish, by: alice, once: .unclaimed) }
                    == .keyTaken)
        }
        #expect(
            await house.story.dropFirst(before)
                == Array(repeating: "certificate.refused:key-taken", count: 3)[...])
        #expect(house.signer.signed == 0)
        let wish = try house.wish(key: 32)
        let issued = try await house.authority.issuance.issue(wish, by: alice, once: .unclaimed)
        #expect(issued.value.certificate.publicKey == own.key.publicKey)
    }

    @Test func `C14 is refused for a key of a host that the person owns`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let policy = TestHouse.policy.replacing("web: [alice, bob]", with: "web: [alice, bob, ada]")
        let version = PolicyVersion(version: 2, text: policy, appliedBy: nil, appliedAt: house.clock.now)
        _ = try await house.store.record(Entry([.policyApplied(version)], event: nil))
        let ada = try await house.requester("ada")
        let wish = try house.wish(key: 21)
        #expect(
            await refusal { try await house.authority.issuance.issue(wish, by: ada, once: .unclaimed) }
                == .keyTaken)
    }

    @Test(arguments: [
        "web1.example.com\r\n", "web1 example", "wéb1", "web1\u{0}", String(repeating: "a", count: 254), "",
    ])
    func `is refused for hosts that are no names`(_ text: String) async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let given = await refusal {
            try await house.authority.issuance.issue(try house.wish(to: text), by: alice, once: .unclaimed)
        }
        #expect(given == (text.isEmpty ? .hostNotGranted : .badName))
        #expect(house.signer.signed == 0)
    }
}

extension Fact {
    var isCertificate: Bool {
        if case .certificateIssued = self { return true }
        return false
    }
}
