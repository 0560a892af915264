import Authority
import AuthorityAPI
import Names
import SSHFormats
import TestKit
import Testing

@testable import SignIn

@Suite struct `What a provider claims` {
    private static let claims = JSONValue.map([
        "groups": .array([.string("web"), .string("Not A Name")]), "department": .string("Operations"),
        "realm_access": .map(["roles": .array([.string("ca-admin"), .string("user")])]),
        "https://example.com/site": .string("berlin"), "email": .string("alice@example.com"),
        "preferred_username": .string("alice"),
    ])

    private static func rule(_ claim: String, _ value: String, _ group: String) throws -> ClaimRules.GroupRule
    {
        ClaimRules.GroupRule(claim: claim, value: value, group: try Name(group))
    }

    @Test func `makes groups by rule`() throws {
        var rules = ClaimRules()
        #expect(rules.groups(Self.claims, isWhole: true) == nil)
        rules.groupsClaim = "groups"
        rules.groups = [
            try Self.rule("department", "Operations", "ops"), try Self.rule("department", "operations", "no"),
            try Self.rule("realm_access.roles", "ca-admin", "admins"),
            try Self.rule("https://example.com/site", "berlin", "berlin"), try Self.rule("absent", "x", "no"),
        ]
        let found = rules.groups(Self.claims, isWhole: true)?.map(\.text).sorted()
        #expect(found == ["admins", "berlin", "ops", "web"])
    }

    @Test func `takes nothing away by its silence, but where all of it is there`() {
        var rules = ClaimRules()
        rules.groupsClaim = "groups"
        rules.login = ClaimRules.NameRule(claim: "login")
        let silent = JSONValue.map(["sub": .string("1")])
        #expect(rules.groups(silent, isWhole: false) == nil)
        #expect(rules.groups(silent, isWhole: true) == [])
        #expect(rules.login(silent, isWhole: false) == .unsaid)
        #expect(rules.login(silent, isWhole: true) == .none)
    }

    @Test(arguments: [
        ("alice@example.com", VouchedLogin.named("alice")), ("alice@evil.example", .none),
        ("root@example.com", .none), ("Alice@example.com", .none), ("@example.com", .none),
        ("alice@example.com@example.com", .none), ("../alice@example.com", .none), ("example.com", .none),
    ])
    func `makes a login of what stands before a suffix, never root`(
        _ text: String, _ login: VouchedLogin
    ) {
        var rules = ClaimRules()
        rules.login = ClaimRules.NameRule(claim: "email", without: "@example.com")
        #expect(rules.login(.map(["email": .string(text)]), isWhole: false) == login)
    }

    @Test func `makes a name of nothing but a name`() {
        var rules = ClaimRules()
        rules.name = ClaimRules.NameRule(claim: "preferred_username")
        #expect(rules.name(Self.claims)?.text == "alice")
        for bad: JSONValue in [.string("Alice"), .string(""), .number("1"), .array([.string("alice")])] {
            #expect(rules.name(.map(["preferred_username": bad])) == nil)
        }
    }
}

extension VouchedLogin {
    fileprivate static func named(_ text: String) -> VouchedLogin {
        (try? Login(text)).map { .named($0) } ?? .unsaid
    }
}

@Suite struct `A person whom a provider vouches for` {
    private static let carol: [String: JSONValue?] = [
        "sub": .string("3"), "preferred_username": .string("carol"), "email": .string("alice@example.com"),
        "email_verified": .bool(true),
    ]

    private func house() async throws -> BrowserHouse {
        try await BrowserHouse { settings in
            settings.rules.name = ClaimRules.NameRule(claim: "preferred_username")
            settings.rules.login = ClaimRules.NameRule(claim: "preferred_username")
        }
    }

    @Test func `is made at the first sign-in, and is the same at the next (J10)`() async throws {
        let all = try await house()
        for _ in 0..<2 {
            guard case .done(let new) = try await all.signIn(claims: Self.carol) else {
                return #expect(Bool(false), "no session")
            }
            #expect(new.session.identity.description == "carol")
        }
        let carol = try #require(await all.house.store.identity(try IdentityID("carol")))
        let web = try Name("web")
        #expect(carol.attributes.login?.text == "carol" && carol.groups == [web])
        let story = await all.house.store.events.map(\.action).filter { $0 == .identityAdded }
        #expect(story == [.identityAdded])
    }

    @Test func `is not made without a rule`() async throws {
        let all = try await BrowserHouse()
        #expect(try await refusal { try await all.signIn(claims: Self.carol) } == .signInFailed)
        #expect(await all.house.store.identity(try IdentityID("carol")) == nil)
    }

    @Test func `never becomes one who exists, by name, address or login (J10)`() async throws {
        let all = try await house()
        let alice = await all.house.store.identity(try IdentityID("alice"))
        var bob = try await all.house.add("bob")
        for status in [IdentityStatus.active, .retired] {
            bob.status = status
            _ = try await all.house.store.record(Entry([.identityChanged(bob)], event: nil))
            let claims = Self.carol.merging(["preferred_username": .string("bob")]) { $1 }
            #expect(try await refusal { try await all.signIn(claims: claims) } == .signInFailed)
        }
        #expect(await all.house.store.identity(try IdentityID("alice")) == alice)
        #expect(await all.house.store.identity(try IdentityID("bob"))?.attributes.login?.text == "bob")
    }

    @Test func `is nobody else than who was named`() async throws {
        let all = try await house()
        #expect(try await refusal { try await all.signIn("alice", claims: Self.carol) } == .signInFailed)
        #expect(await all.house.store.identity(try IdentityID("carol")) == nil)
    }

    @Test func `has the login that the provider says, which is nobody else's and never root`() async throws {
        let all = try await house()
        try await all.house.add("bob")
        let alice = try IdentityID("alice")
        var known = try #require(await all.house.store.identity(alice))
        known.attributes.loginBy = .admin
        _ = try await all.house.store.record(Entry([.identityChanged(known)], event: nil))
        // The same as an admin said: it stays the admin's.
        _ = try await all.signIn(claims: ["preferred_username": .string("alice")])
        #expect(await all.house.store.identity(alice)?.attributes.loginBy == .admin)
        let cases: [(String, String?)] = [("ally", "ally"), ("root", nil), ("ally", "ally"), ("bob", nil)]
        for (said, login) in cases {
            _ = try await all.signIn(claims: ["preferred_username": .string(said)])
            #expect(await all.house.store.identity(alice)?.attributes.login?.text == login, "\(said)")
            #expect(await all.house.store.identity(alice)?.attributes.loginBy == .provider, "\(said)")
        }
        // And back: it is the provider's still.
        _ = try await all.signIn(claims: ["preferred_username": .string("alice")])
        #expect(await all.house.store.identity(alice)?.attributes.login?.text == "alice")
        #expect(await all.house.store.identity(alice)?.attributes.loginBy == .provider)
    }
}
