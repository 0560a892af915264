import Authority
import Crypto
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `An ssh key as a factor` {
    /// alice with a registered key.
    private struct House {
        let house: TestHouse
        let alice: TestPerson
        let key: PrivateKey

        /// The text to sign, and the state.
        func begin(_ name: String = "alice") async throws -> (state: String, text: String) {
            let (state, ask) = try await house.authority.signIn.start(
                name: name, with: "sshkey", key: alice.key.publicKey, source: TestHouse.source)
            return (state, ask.first?.code ?? "")
        }

        @discardableResult
        func answer(_ state: String, _ armoured: String) async throws -> NewSession {
            try await house.answer(state, ["sshkey": armoured], key: alice.key.publicKey)
        }
    }

    private func house(_ key: PrivateKey? = nil) async throws -> House {
        let house = try await TestHouse(ways: [.standard, try SignInWay("sshkey")])
        let alice = try await house.enrol("alice", key: 1)
        let key = if let key { key } else { try PrivateKey.generate(.ed25519) }
        _ = try await add(key, by: try await house.asks(alice), house)
        return House(house: house, alice: alice, key: key)
    }

    private func add(
        _ key: PrivateKey, as name: String = "alice", by requester: Requester, _ house: TestHouse
    ) async throws -> PublicKey {
        let text = SSHKeyDesk.text(of: try IdentityID(name), at: house.authority.origin)
        return try await house.authority.sshKeys.add(
            try sign(text, SSHKeyDesk.namespace, key), by: requester, once: .unclaimed
        ).value
    }

    private func sign(_ text: String, _ namespace: String, _ key: PrivateKey) throws -> String {
        try SSHSIG.sign(Array(text.utf8), namespace: namespace, with: key).armoured
    }

    @Test(arguments: [PrivateKey.GenerableKind.ed25519, .ecdsaP256, .ecdsaP384]) func `signs its person in`(
        _ kind: PrivateKey.GenerableKind
    ) async throws {
        let house = try await house(try PrivateKey.generate(kind))
        let (state, text) = try await house.begin()
        #expect(text.contains(house.alice.key.publicKey.fingerprint.description))
        let new = try await house.answer(state, try sign(text, "sign-in@keyreeve", house.key))
        #expect(new.session.identity == (try IdentityID("alice")))
        #expect(Array(new.session.factors.keys) == [.sshkey])
        let kept = try #require(await house.house.store.key(house.key.publicKey.fingerprint))
        #expect(kept.lastUsedAt == house.house.clock.now && kept.origin == "factor")
        #expect(await house.house.store.reservedAttempts.isEmpty)
    }

    @Test func `proves nobody by another text, purpose, key or person`() async throws {
        let house = try await house()
        try await house.house.add("bob")
        let (state, text) = try await house.begin()
        let stranger = try PrivateKey.generate(.ed25519)
        let (_, others) = try await house.begin()
        for (armoured, reason) in [
            (try sign(others, "sign-in@keyreeve", house.key), "wrong-signature"),
            (try sign(text + " ", "sign-in@keyreeve", house.key), "wrong-signature"),
            (try sign(text, "file", house.key), "wrong-signature"),
            (try sign(text, "key@keyreeve", house.key), "wrong-signature"),
            (try sign(text, "sign-in@keyreeve", stranger), "key-not-registered"),
            (try sign(text, "sign-in@keyreeve", house.alice.key), "key-not-registered"),
            ("", "wrong-signature"), ("-----BEGIN SSH SIGNATURE-----", "wrong-signature"),
        ] {
            #expect(await refusal { try await house.answer(state, armoured) } == .signInFailed)
            #expect(await house.house.store.events.last?.details["reason"] == .text(reason))
        }
        let bobs = try await house.begin("bob")
        #expect(
            await refusal {
                try await house.answer(bobs.state, try sign(bobs.text, "sign-in@keyreeve", house.key))
            } == .signInFailed)
        let nobodys = try await house.begin("nobody")
        #expect(
            await refusal {
                try await house.answer(nobodys.state, try sign(nobodys.text, "sign-in@keyreeve", house.key))
            } == .signInFailed)
    }

    @Test func `is named to its person in a step-up, and to nobody who signs in`() async throws {
        let house = try await house()
        let alice = try await house.house.asks(house.alice)
        let other = try await add(try PrivateKey.generate(.ed25519), by: alice, house.house)
        _ = try await house.house.authority.revocations.revoke(
            .key(other.fingerprint), reason: "lost", by: alice, once: .unclaimed)
        let (_, first) = try await house.house.authority.signIn.start(
            name: "alice", with: "sshkey", key: house.alice.key.publicKey, source: TestHouse.source)
        #expect(first.map(\.choices) == [[]])
        let (state, ask) = try await house.house.authority.stepUp.start(["sshkey"], by: alice)
        #expect(ask.map(\.choices) == [[house.key.publicKey.fingerprint.description]])
        let signature = try sign(try #require(ask.first?.code), "sign-in@keyreeve", house.key)
        let reached = try await house.house.authority.stepUp.answer(
            state: state, ["sshkey": signature], by: alice, once: .unclaimed)
        guard case .done(let session) = reached.value else {
            Issue.record("\(reached.value)")
            return
        }
        #expect(session.factors[.sshkey] == house.house.clock.now)
    }

    @Test func `counts no more once it is revoked`() async throws {
        let house = try await house()
        let alice = try await house.house.asks(house.alice)
        _ = try await house.house.authority.revocations.revoke(
            .key(house.key.publicKey.fingerprint), reason: "lost", by: alice, once: .unclaimed)
        let (state, text) = try await house.begin()
        #expect(
            await refusal { try await house.answer(state, try sign(text, "sign-in@keyreeve", house.key)) }
                == .signInFailed)
        #expect(await refusal { try await add(house.key, by: alice, house.house) } == .keyRevoked)
    }

    @Test func `C14 is registered by one person alone, who proves to hold it`() async throws {
        let house = try await house()
        let bob = try await house.house.enrol("bob", key: 2)
        let bobAsks = try await house.house.asks(bob)
        #expect(
            await refusal { try await add(house.key, as: "bob", by: bobAsks, house.house) } == .keyTaken)
        #expect(await refusal { try await add(house.key, by: bobAsks, house.house) } == .badRequest)
        #expect(
            await refusal {
                try await add(try PrivateKey.generate(.ed25519), as: "bob", by: bobAsks, house.house)
            } == nil)
    }

    @Test func `needs a fresh second factor to be registered`() async throws {
        let house = try await house()
        house.house.clock.step(901)
        let alice = try await house.house.asks(house.alice)
        #expect(
            await refusal { try await add(try PrivateKey.generate(.ed25519), by: alice, house.house) }
                == .factorTooOld)
        #expect(
            try await house.house.store.notices(of: IdentityID("alice")).contains { $0.kind == .keyAdded })
    }

    @Test(arguments: [
        (SSHKeyDemand.any, 0 as UInt8, false), (.any, 1, true), (.touched, 1, true), (.touched, 4, false),
        (.verified, 1, false), (.verified, 4, false), (.verified, 5, true),
    ]) func `C13 of a token counts if it was touched, and verified where that is asked for`(
        _ demand: SSHKeyDemand, _ flags: UInt8, _ counts: Bool
    ) async throws {
        let token = try SoftToken()
        let house = try await TestHouse(ways: [.standard, try SignInWay("sshkey")], sshKeys: demand)
        let alice = try await house.enrol("alice", key: 1)
        let registered = RegisteredKey(
            publicKey: token.publicKey, identity: try IdentityID("alice"), purpose: .authenticate,
            origin: "factor", createdAt: house.clock.now)
        _ = try await house.store.record(Entry([.keyRegistered(registered)], event: nil))
        let (state, ask) = try await house.authority.signIn.start(
            name: "alice", with: "sshkey", key: alice.key.publicKey, source: TestHouse.source)
        let signature = try token.sign(ask.first?.code ?? "", namespace: "sign-in@keyreeve", flags: flags)
        #expect(
            await refusal {
                try await house.answer(state, ["sshkey": signature.armoured], key: alice.key.publicKey)
            } == (counts ? nil : .signInFailed))
    }

    @Test func `of no token is not enough where one is asked for`() async throws {
        let house = try await TestHouse(ways: [.standard, try SignInWay("sshkey")], sshKeys: .touched)
        let alice = try await house.enrol("alice", key: 1)
        let key = try PrivateKey.generate(.ed25519)
        _ = try await add(key, by: try await house.asks(alice), house)
        let begun = try await House(house: house, alice: alice, key: key).begin()
        #expect(
            await refusal {
                try await house.answer(
                    begun.state, ["sshkey": try sign(begun.text, "sign-in@keyreeve", key)],
                    key: alice.key.publicKey)
            } == .signInFailed)
    }

    @Test func `asks names that do not exist for the same`() async throws {
        let house = try await house()
        let known = try await house.begin().text
        let unknown = try await house.begin("nobody").text
        #expect(known.dropLast(32) == unknown.dropLast(32))
        #expect(known != unknown)
    }
}

/// A FIDO token without hardware: it sets the flags that it is told to.
private struct SoftToken {
    private let key = Curve25519.Signing.PrivateKey()
    private let application = "ssh:"
    let publicKey: PublicKey

    init() throws {
        var blob = WireWriter()
        blob.string("sk-ssh-ed25519@openssh.com")
        blob.string(Array(key.publicKey.rawRepresentation))
        blob.string(application)
        publicKey = try PublicKey(blob: blob.bytes)
    }

    func sign(_ text: String, namespace: String, flags: UInt8) throws -> SSHSIG {
        let digest = SSHSIGHash.sha512.digest(of: Array(text.utf8))
        let message = try SSHSIG.toBeSigned(digest: digest, namespace: namespace, hash: .sha512)
        var signed = Array(SHA256.hash(data: Array(application.utf8)))
        signed += [flags, 0, 0, 0, 7] + Array(SHA256.hash(data: message))
        var blob = WireWriter()
        blob.string("sk-ssh-ed25519@openssh.com")
        blob.string(Array(try key.signature(for: signed)))
        blob.byte(flags)
        blob.uint32(7)
        return try SSHSIG(
            signer: .key(publicKey), digest: digest, namespace: namespace, hash: .sha512,
            signature: try Signature(blob: blob.bytes))
    }
}
