import Authority
import HostDocuments
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `Who has lost their factors comes back` {
    @Test func `by another device, with a new key, and everything before has ended`() async throws {
        let house = try await RecoveryHouse()
        let (state, number) = try await house.begin(.device)
        let laptop = try await house.asks("alice")
        let waiting = try #require(try await house.house.authority.pendingSignIns.list(by: laptop).first)
        #expect(waiting.purpose == .recovery && waiting.key == house.key.publicKey.fingerprint)
        #expect(
            try await house.house.authority.notices.about(laptop.identity.id).map(\.kind) == [.recoveryAsked])
        let desk = house.house.authority.pendingSignIns
        #expect(
            await refusal { try await desk.approve(waiting.id, number: number, by: laptop, once: .unclaimed) }
                == .badRequest, "a recovery is not approved as a sign-in")
        _ = try await desk.approve(waiting.id, .recovery, number: number, by: laptop, once: .unclaimed)
        let (next, ask) = try await house.poll(state)
        #expect(ask.map(\.name) == ["device", "lost", "keep", "new-password", "new-totp"])
        #expect(ask.first { $0.name == "lost" }?.choices == ["alice.laptop"])
        let new = try await house.setUp(next, ask, keep: "alice.laptop")
        #expect(new.session.device == (try IdentityID("device:alice.new")))
        #expect(!new.session.isLimited && new.recoveryCodes.count == 10)
        #expect(try await house.status("alice.laptop") == .active)
        #expect(await refusal { try await house.asks("alice") } == .notSignedIn)
        #expect(await refusal { try await house.house.signIn(house.alice) } == .signInFailed)
        let event = try #require(await house.house.store.events.last { $0.action == .recovered })
        #expect(event.details["by"] == .text("device"))
        #expect(event.details["kept"] == .list(["device:alice.laptop"]))
        #expect(await refusal { try await house.setUp(next, ask) } != nil, "it counts once")
        #expect(await house.house.store.events.count { $0.action == .recovered } == 1)
    }

    @Test func `by two colleagues who were told the number, and is told which devices are lost`() async throws
    {
        let house = try await RecoveryHouse()
        let (state, number) = try await house.begin(.colleagues)
        let request = try #require(await house.house.store.approval(1)?.request)
        for line in [
            "recovery of: alice", "reason: lost my phone", "asked from: 198.51.100.7",
            "key: \(house.key.publicKey.fingerprint)",
            "needs: 2 of group:leads, each told the number by alice",
        ] { #expect(request.document.split(separator: "\n").contains(line[...]), "\(line)") }
        #expect(!request.document.contains(": \(number)\n"))
        #expect(try await house.vouch(1, "bob", number).state == .open)
        #expect(await refusal { try await house.vouch(1, "bob", number) } == .alreadyExists)
        #expect(try await house.poll(state).ask.map(\.kind) == [.wait])
        #expect(try await house.vouch(1, "carol", number).state == .approved)
        let (next, ask) = try await house.poll(state)
        let new = try await house.setUp(next, ask, lost: "alice.laptop")
        #expect(new.session.factors.keys.contains(.totp))
        #expect(try await house.status("alice.laptop") == .retired)
        let key = await house.house.store.key(house.alice.key.publicKey.fingerprint)
        #expect(key?.state == .compromised)
        #expect(await house.house.store.standing(of: house.alice.key.publicKey.fingerprint).isRevoked)
        let event = try #require(await house.house.store.events.last)
        #expect(event.details["approvedBy"] == .list(["bob", "carol"]))
        #expect(event.details["lost"] == .list(["device:alice.laptop"]))
        #expect(await house.house.store.approval(1)?.request.state == .used)
        let kinds = try await house.house.authority.notices.about(request.requester).map(\.kind)
        #expect(kinds.contains(.recovered) && kinds.contains(.requestApproved))
    }

    @Test func `with devices suspended that nobody speaks of, which the person may resume`() async throws {
        let house = try await RecoveryHouse()
        let (state, number) = try await house.begin(.colleagues)
        for name in ["bob", "carol"] { _ = try await house.vouch(1, name, number) }
        let (next, ask) = try await house.poll(state)
        let new = try await house.setUp(next, ask)
        #expect(try await house.status("alice.laptop") == .suspended)
        let alice = try await house.house.authority.sessions.authenticate(
            tokenHash: TokenHash.of(new.token.withExposed { $0 }), key: house.key.publicKey,
            source: RecoveryHouse.source, requestID: "r")
        _ = try await house.house.authority.deviceDesk.act(
            .resume, on: try IdentityID("device:alice.laptop"), reason: "found", by: alice, once: .unclaimed)
        #expect(try await house.status("alice.laptop") == .active)
    }

    @Test func `with ssh keys suspended too, until they are registered again, and passkeys gone`()
        async throws
    {
        let house = try await RecoveryHouse()
        let id = try IdentityID("alice")
        for number in UInt8(60)...62 {
            let key = RegisteredKey(
                publicKey: try TestHouse.key(number).publicKey, identity: id, purpose: .authenticate,
                origin: "factor", createdAt: house.house.clock.now)
            _ = try await house.house.store.record(Entry([.keyRegistered(key)], event: nil))
        }
        let prints = try (UInt8(60)...62).map { try TestHouse.key($0).publicKey.fingerprint }
        let (state, number) = try await house.begin(.colleagues)
        for name in ["bob", "carol"] { _ = try await house.vouch(1, name, number) }
        let (next, ask) = try await house.poll(state)
        let new = try await house.setUp(next, ask, lost: "\(prints[0])", keep: "\(prints[1])")
        for (print, state) in zip(prints, [KeyState.compromised, .active, .suspended]) {
            #expect(await house.house.store.key(print)?.state == state)
        }
        let alice = try await house.house.authority.sessions.authenticate(
            tokenHash: TokenHash.of(new.token.withExposed { $0 }), key: house.key.publicKey,
            source: RecoveryHouse.source, requestID: "r")
        let text = SSHKeyDesk.text(of: id, at: "authority.example.com")
        for (number, code) in [(UInt8(60), Refusal.keyRevoked), (62, nil)] as [(UInt8, Refusal?)] {
            let signature = try SSHSIG.sign(
                Array(text.utf8), namespace: SSHKeyDesk.namespace, with: try TestHouse.key(number))
            #expect(
                await refusal {
                    try await house.house.authority.sshKeys.add(
                        signature.armoured, by: alice, once: .unclaimed)
                } == code)
        }
        #expect(await house.house.store.key(prints[2])?.state == .active)
    }

    @Test func `on the same machine, whose former key is compromised`() async throws {
        let house = try await RecoveryHouse()
        let (state, number) = try await house.begin(.colleagues)
        for name in ["bob", "carol"] { _ = try await house.vouch(1, name, number) }
        let (next, ask) = try await house.poll(state)
        let new = try await house.setUp(next, ask, device: "laptop")
        #expect(new.session.device == (try IdentityID("device:alice.laptop")))
        #expect(try await house.status("alice.laptop") == .active)
        let former = house.alice.key.publicKey.fingerprint
        #expect(await house.house.store.key(former)?.state == .compromised)
        #expect(await house.house.store.key(house.key.publicKey.fingerprint)?.predecessor == former)
    }

    @Test func `not with the name of a device that is suspended`() async throws {
        let house = try await RecoveryHouse()
        _ = try await house.house.authority.deviceDesk.act(
            .suspend, on: try IdentityID("device:alice.laptop"), reason: "",
            by: try await house.asks("alice"),
            once: .unclaimed)
        let (state, number) = try await house.begin(.colleagues)
        for name in ["bob", "carol"] { _ = try await house.vouch(1, name, number) }
        let (next, ask) = try await house.poll(state)
        #expect(await refusal { try await house.setUp(next, ask, device: "laptop") } == .alreadyExists)
        _ = try await house.setUp(next, ask)
    }

    @Test func `only with a key that nobody has seen`() async throws {
        let house = try await RecoveryHouse()
        for key in [house.alice.key, try #require(house.people["bob"]).key] {
            #expect(await refusal { try await house.begin(.device, key: key) } == .keyTaken)
        }
    }

    @Test func `where the policy says so, and by nobody else`() async throws {
        let plain = RecoveryHouse.policy.replacing(
            "recovery: {device: true, by: group:leads, count: 2}\n", with: "")
        let closed = try await RecoveryHouse(policy: plain)
        for vouching in Vouching.allCases {
            #expect(await refusal { try await closed.begin(vouching) } == .recoveryNotGranted)
            #expect(await refusal { try await closed.begin(vouching, "nobody") } == .recoveryNotGranted)
        }
    }

    @Test func `Z07 not by themselves, by the helpdesk, or by one who votes twice`() async throws {
        let house = try await RecoveryHouse()
        let (state, number) = try await house.begin(.colleagues)
        #expect(await refusal { try await house.vouch(1, "alice", number) } == .approverRequired)
        #expect(await refusal { try await house.vouch(1, "hal", number) } == .adminRequired)
        _ = try await house.vouch(1, "bob", number)
        // In the name of another, with one's own key.
        let bob = try #require(house.people["bob"]).key
        #expect(await refusal { try await house.vouch(1, "carol", number, key: bob) } == .signatureInvalid)
        #expect(try await house.poll(state).ask.map(\.kind) == [.wait])
    }

    @Test func `Z07 not by those with fewer rights on the authority`() async throws {
        let house = try await RecoveryHouse()
        let (_, number) = try await house.begin(.colleagues, "ada")
        #expect(await refusal { try await house.vouch(1, "bob", number) } == .approverRequired)
    }

    @Test func `not by those whose factors are old`() async throws {
        let house = try await RecoveryHouse()
        let (_, number) = try await house.begin(.colleagues)
        house.house.clock.step(901)
        #expect(await refusal { try await house.vouch(1, "bob", number) } == .factorTooOld)
        let (_, shown) = try await house.begin(.device)
        let laptop = try await house.asks("alice")
        let waiting = try #require(try await house.house.authority.pendingSignIns.list(by: laptop).last)
        let refused = await refused {
            try await house.house.authority.pendingSignIns.approve(
                waiting.id, .recovery, number: shown, by: laptop, once: .unclaimed)
        }
        #expect(refused?.refusal == .factorTooOld && refused?.factors == [.password])
    }

    @Test func `and a stranger's request is not taken for theirs`() async throws {
        let house = try await RecoveryHouse()
        let stranger = try TestHouse.key(78)
        let (theirs, wrong) = try await house.begin(.colleagues, key: stranger, source: "203.0.113.66")
        var (state, number) = try await house.begin(.colleagues)
        var own: UInt64 = 2
        // One in ten thousand shows the same number.
        if number == wrong {
            (state, number) = try await house.begin(.colleagues)
            own = 3
        }
        #expect(await refusal { try await house.vouch(1, "bob", number) } == .signInFailed)
        #expect(await house.house.store.approval(1)?.request.state == .expired)
        #expect(await refusal { try await house.vouch(1, "carol", wrong) } == .requestClosed)
        #expect(try await house.poll(theirs, key: stranger).ask.map(\.kind) == [.wait])
        let kinds = try await house.house.authority.notices.about(try IdentityID("alice")).map(\.kind)
        #expect(kinds.contains(.recoveryDenied))
        for name in ["bob", "carol"] { _ = try await house.vouch(own, name, number) }
        #expect(try await house.poll(state).ask.count == 5)
    }

    @Test func `is denied by any who may vouch, or from a device of theirs, which is told at the end alone`()
        async throws
    {
        for name in ["bob", "alice"] {
            let house = try await RecoveryHouse()
            let (state, number) = try await house.begin(.colleagues)
            #expect(try await house.vouch(1, name, nil, .denied).state == .denied)
            #expect(await refusal { try await house.vouch(1, "carol", number) } == .requestClosed)
            #expect(try await house.poll(state).ask.map(\.kind) == [.wait])
            house.house.clock.step(3_600)
            #expect(await refusal { try await house.poll(state) } == .signInFailed)
        }
    }

    @Test func `A05 is over once the policy was changed, for names that do not exist too`() async throws {
        let house = try await RecoveryHouse()
        let (state, number) = try await house.begin(.colleagues)
        let (nobody, _) = try await house.begin(.colleagues, "nobody", key: try TestHouse.key(78))
        let store = house.house.store
        let former = try #require(await store.policyHistory(before: nil, limit: 1).first)
        let changed = PolicyVersion(
            version: former.version + 1, text: former.text + "\n# changed\n", appliedBy: nil,
            appliedAt: house.house.clock.now)
        _ = try await store.record(Entry([.policyApplied(changed)], event: nil))
        #expect(await refusal { try await house.vouch(1, "bob", number) } == .requestClosed)
        #expect(await refusal { try await house.poll(state) } == .signInFailed)
        #expect(await refusal { try await house.poll(nobody, key: try TestHouse.key(78)) } == .signInFailed)
        #expect(try await house.vouch(1, "carol", nil, .denied).state == .denied)
        let (again, shown) = try await house.begin(.colleagues)
        for name in ["bob", "carol"] { _ = try await house.vouch(2, name, shown) }
        #expect(try await house.poll(again).ask.count == 5)
    }

    @Test func `A05 waits for names that do not exist as for others, and nobody is asked`() async throws {
        let house = try await RecoveryHouse()
        for vouching in Vouching.allCases {
            var lengths: [Int] = []
            for name in ["alice", "nobody"] {
                let events = await house.house.store.events.count
                let (state, number) = try await house.begin(vouching, name)
                #expect(number.utf8.count == 4)
                #expect(try await house.poll(state).ask.map(\.kind) == [.wait])
                #expect(await house.house.store.events.count == events + 1)
                lengths.append(state.utf8.count - 2 * name.utf8.count)
                house.house.clock.step(3_600)
                #expect(await refusal { try await house.poll(state) } == .signInFailed)
            }
            #expect(lengths.first == lengths.last, "what travels with the caller is as long")
        }
        #expect(await house.house.store.lastApproval() == 1)
    }

    @Test func `and no more often than is allowed, for one person and from one address`() async throws {
        let house = try await RecoveryHouse()
        for number in UInt8(100)..<105 {
            _ = try await house.begin(
                .colleagues, key: try TestHouse.key(number), source: "203.0.113.\(number)")
        }
        #expect(await house.house.store.lastApproval() == 3)
        for (number, name) in ["bob", "carol", "hal", "alice"].enumerated() {
            _ = try await house.begin(.colleagues, name, key: try TestHouse.key(UInt8(110 + number)))
        }
        #expect(await house.house.store.lastApproval() == 6, "three of alice, three from one address")
        for number in UInt8(120)..<128 {
            _ = try await house.begin(.device, "bob", key: try TestHouse.key(number))
        }
        let bob = try await house.asks("bob")
        #expect(try await house.house.authority.pendingSignIns.list(by: bob).count < 5)
    }

    @Test func `and may answer again what was not right`() async throws {
        let house = try await RecoveryHouse()
        let (state, number) = try await house.begin(.colleagues)
        for name in ["bob", "carol"] { _ = try await house.vouch(1, name, number) }
        let (next, ask) = try await house.poll(state)
        #expect(await refusal { try await house.setUp(next, ask, password: "short") } == .weakPassword)
        #expect(await refusal { try await house.setUp(next, ask, lost: "bob.laptop") } == .badRequest)
        for (lost, keep, device) in [
            ("alice.laptop", "alice.laptop", "new"), ("alice.laptop", "", "laptop"),
            ("", "alice.laptop", "laptop"),
        ] {
            #expect(
                await refusal {
                    try await house.setUp(next, ask, lost: lost, keep: keep, device: device)
                } == .badRequest)
        }
        #expect(await refusal { try await house.answer(next, ["new-password": "x"]) } == .badRequest)
        #expect(try await house.status("alice.laptop") == .active, "nothing happened yet")
        _ = try await house.setUp(next, ask)
        #expect(await house.house.store.presentFailures == 0)
    }

    @Test func `not by a device once the policy has closed that way`() async throws {
        let house = try await RecoveryHouse()
        let (state, number) = try await house.begin(.device)
        let laptop = try await house.asks("alice")
        let desk = house.house.authority.pendingSignIns
        let waiting = try #require(try await desk.list(by: laptop).first)
        _ = try await desk.approve(waiting.id, .recovery, number: number, by: laptop, once: .unclaimed)
        let (next, ask) = try await house.poll(state)
        let closed = RecoveryHouse.policy.replacing("device: true, ", with: "")
        let version = PolicyVersion(
            version: 2, text: closed, appliedBy: nil, appliedAt: house.house.clock.now)
        _ = try await house.house.store.record(Entry([.policyApplied(version)], event: nil))
        #expect(await refusal { try await house.setUp(next, ask) } == .signInFailed)
        #expect(try await house.poll(state).ask.map(\.kind) == [.wait])
        #expect(try await house.status("alice.laptop") == .active)
    }

    @Test func `not once the policy has changed, or who vouched has left`() async throws {
        let house = try await RecoveryHouse()
        let (state, number) = try await house.begin(.colleagues)
        for name in ["bob", "carol"] { _ = try await house.vouch(1, name, number) }
        let (next, ask) = try await house.poll(state)
        var bob = try #require(await house.house.store.identity(try IdentityID("bob")))
        bob.status = .suspended
        _ = try await house.house.store.record(Entry([.identityChanged(bob)], event: nil))
        #expect(await refusal { try await house.setUp(next, ask) } == .signInFailed)
    }
}

@Suite struct `A policy's rule of recovery` {
    private func rule(_ text: String) throws -> RecoveryRule {
        try Policy(
            yaml: """
                groups: {leads: [alice, bob]}
                recovery: \(text)
                grants: [{name: a, who: [alice], to: [authority], as: [admin]}]
                """
        ).recovery
    }

    @Test func `is read whole, and two is the fewest`() throws {
        #expect(try rule("{device: true}").byDevice)
        #expect(try rule("{device: true}").colleagues == nil)
        let approval = Approval(by: try Name("leads"), count: 2)
        #expect(try rule("{by: group:leads}").colleagues == approval)
        #expect(try !rule("{by: group:leads, count: 3}").byDevice)
        for text in [
            "{}", "{by: group:leads, count: 1}", "{count: 2}", "{by: group:nobody}", "{by: alice}", "true",
            "{device: yes}", "{helpdesk: true}",
        ] { #expect(throws: PolicyFaults.self, "\(text)") { try rule(text) } }
    }
}
