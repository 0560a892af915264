import Authority
import Names
import SSHFormats
import Testing

@Suite struct `A role on the authority` {
    private static let text = """
        groups: {admins: [alice, bob], desk: [dora], more: external}
        grants:
          - {name: admins, who: [group:admins], to: [authority], as: [admin]}
          - {name: desk, who: [group:desk], to: [authority], as: [helpdesk, enroller], with: [totp],
             devices: enrolled}
          - {name: watch, who: [service:watcher], to: [authority], as: [auditor]}
          - {name: two, who: [carol], to: [authority], as: [admin], approve: {by: group:admins}}
          - {name: many, who: [group:more], to: [authority], as: [admin]}
          - {name: ssh, who: [erin], to: [host:h], as: [admin]}
        """

    private func decide(_ role: AuthorityRole, _ subject: Subject) throws -> AuthorityDecision {
        try Policy(yaml: Self.text).mayAct(role, subject: subject, at: noon)
    }

    @Test(arguments: AuthorityRole.allCases)
    func `is implied by admin`(_ role: AuthorityRole) throws {
        let alice = Subject(identity: try person("alice"), factors: [.password: moment(60)])
        #expect(try decide(role, alice) == .allowed(grant: try Name("admins")))
    }

    @Test(arguments: [(Int64(0), true), (899, true), (900, false), (86_400, false), (-61, false)])
    func `of an admin needs a factor younger than fifteen minutes`(_ ago: Int64, _ isAllowed: Bool) throws {
        let alice = Subject(
            identity: try person("alice"), factors: [.totp: moment(ago), .password: moment(90_000)])
        #expect(
            try decide(.admin, alice)
                == (isAllowed
                    ? .allowed(grant: try Name("admins"))
                    : .refused(
                        .factorTooOld, nearest: try Name("admins"),
                        missing: ["acts of an admin need a factor younger than 15m: sign in again"])))
        #expect(try decide(.auditor, alice).isAllowed)
    }

    @Test func `is refused to whoever has shown no factor at all`() throws {
        #expect(try !decide(.admin, Subject(identity: try person("alice"))).isAllowed)
    }

    @Test func `needs the device and the factors of its grant`() throws {
        let dora = try person("dora")
        #expect(
            try decide(.enroller, Subject(identity: dora))
                == .refused(
                    .deviceRequired, nearest: try Name("desk"),
                    missing: [
                        "grant desk asks for an enrolled device",
                        "grant desk asks for totp; it was not shown",
                    ]))
        let ready = Subject(identity: dora, device: try device(of: "dora"), factors: [.totp: moment(40_000)])
        #expect(try decide(.enroller, ready) == .allowed(grant: try Name("desk")))
        #expect(try decide(.helpdesk, ready).isAllowed)
        for role in [AuthorityRole.admin, .auditor] {
            #expect(
                try decide(role, ready)
                    == .refused(
                        .adminRequired, nearest: nil,
                        missing: ["no grant on the authority gives dora the role \(role.rawValue)"]))
        }
    }

    @Test func `is not what a login of the same name gives`() throws {
        let erin = Subject(identity: try person("erin"), factors: [.webauthn: noon])
        #expect(try !decide(.admin, erin).isAllowed)
    }

    @Test func `is refused where approvals would be needed, and to the suspended`() throws {
        let carol = Subject(identity: try person("carol"), factors: [.totp: noon])
        #expect(
            try decide(.admin, carol)
                == .refused(
                    .approvalRequired, nearest: try Name("two"),
                    missing: ["grant two asks for 1 approval(s) by group:admins"]))
        let alice = Subject(identity: try person("alice", status: .suspended), factors: [.totp: noon])
        #expect(try decide(.auditor, alice) == .refused(.identitySuspended, nearest: nil, missing: []))
    }

    @Test func `can be listed with all that it implies`() throws {
        let policy = try Policy(yaml: Self.text)
        func roles(_ id: String) throws -> Set<AuthorityRole> {
            policy.authorityRoles(
                of: Subject(identity: Identity(id: try IdentityID(id), owner: nil, createdAt: noon)))
        }
        #expect(try roles("alice") == Set(AuthorityRole.allCases))
        #expect(try roles("carol") == Set(AuthorityRole.allCases))
        #expect(try roles("dora") == [.helpdesk, .enroller])
        #expect(try roles("service:watcher") == [.auditor])
        #expect(try roles("host:alice").isEmpty)
        #expect(try roles("erin").isEmpty)
    }

    @Test func `of the last admin is known, not counting whoever waits for others`() throws {
        let everybody = try ["alice", "carol", "dora", "erin", "service:watcher", "host:alice"].map {
            try IdentityID($0)
        }
        #expect(try Policy(yaml: Self.text).admins(among: everybody) == [try IdentityID("alice")])
        #expect(try Policy(yaml: Self.text).admins(among: [try IdentityID("carol")]).isEmpty)
    }
}
