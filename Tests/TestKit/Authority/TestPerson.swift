package import Authority
import Names
package import SSHFormats

/// A person who enrolled a device, with everything they know.
package struct TestPerson: Sendable {
    package let name: String
    package let password: String
    package let seed: [UInt8]
    package let key: PrivateKey
    package let session: NewSession

    /// What their authenticator shows then.
    package func code(at time: UnixTime) -> String { TOTP.code(secret: seed, step: time.seconds / 30) }
}

extension TestHouse {
    package static let password = "correct horse battery"
    package static let source = "192.0.2.1"

    /// A link for an identity, added if unknown; made as the first admin's is, without anybody's rights.
    package func link(for text: String) async throws -> String {
        let ada = try await requester("ada")
        if await store.identity(try IdentityID(text)) == nil { try await add(text) }
        let admin = try IdentityID(text) == ada.identity.id ? try await requester("abel") : ada
        let made = try await authority.links.make(for: try IdentityID(text), by: admin, once: .unclaimed)
        return made.value.token.withExposed { $0 }
    }

    /// Enrols a person's first device with a new password and TOTP secret.
    @discardableResult
    package func enrol(
        _ name: String, key number: UInt8, password: String = TestHouse.password
    ) async throws -> TestPerson {
        let key = try TestHouse.key(number)
        let token = try await link(for: name)
        let begun = try await authority.enrolment.begin(
            token: token, key: key.publicKey, source: TestHouse.source, requestID: "enrol-1")
        guard case .newFactors(let secret) = begun.needs else { throw TestFailure("\(name) has factors") }
        let seed = secret.withExposed { $0 }
        let code = TOTP.code(secret: seed, step: clock.now.seconds / 30)
        let request = PersonEnrolment(
            token: token, state: begun.state, deviceName: "laptop", password: Secret(Array(password.utf8)),
            code: code)
        let outcome = try await authority.personEnrolment.finish(
            request, key: key.publicKey, source: TestHouse.source, requestID: "enrol-2", once: .unclaimed)
        return TestPerson(name: name, password: password, seed: seed, key: key, session: outcome.value)
    }

    /// One whole sign-in conversation.
    @discardableResult
    package func signIn(
        _ name: String, password: String, code: String, key: PrivateKey, source: String = TestHouse.source
    ) async throws(AuthorityError) -> NewSession {
        try await signIn(name, ["password": password, "totp": code], key: key.publicKey, source: source)
    }

    /// One whole conversation in which everything is asked for at once.
    package func signIn(
        _ name: String, _ answers: [String: String], with way: String? = nil, key: PublicKey,
        source: String = TestHouse.source
    ) async throws(AuthorityError) -> NewSession {
        let (state, _) = try await authority.signIn.start(name: name, with: way, key: key, source: source)
        return try await answer(state, answers, key: key, source: source)
    }

    /// The answer that ends a conversation.
    package func answer(
        _ state: String, _ answers: [String: String], key: PublicKey, source: String = TestHouse.source
    ) async throws(AuthorityError) -> NewSession {
        let reached = try await authority.signIn.answer(
            state: state, answers, key: key, source: source, requestID: "sign-in-1", once: .unclaimed
        ).value
        guard case .done(let new) = reached else { throw .mismatch("the conversation goes on") }
        return new
    }

    /// The same with what the person knows, now.
    @discardableResult
    package func signIn(
        _ person: TestPerson, with way: String? = nil
    ) async throws(AuthorityError) -> NewSession {
        try await signIn(
            person.name, ["password": person.password, "totp": person.code(at: clock.now)], with: way,
            key: person.key.publicKey)
    }
}

/// What a fixture could not arrange.
package struct TestFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
