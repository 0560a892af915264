import Authority
import Names
import SSHFormats
import Testing

@Suite struct `The tests of a policy` {
    private func failures(_ tests: String, _ fields: [String: String?] = [:]) throws -> [String] {
        let groups = "{web: [alice, service:deployer], staff: external}"
        let policy = try Policy(yaml: policyText(fields, groups: groups) + "tests:\n" + tests)
        let hosts = [try host("web1.example.com", "env=staging"), try host("db1", "env=prod")]
        return policy.runTests(hosts: hosts, at: noon) { id in
            id.name.text == "alice" ? try? Login("al") : nil
        }
        .map(\.description)
    }

    @Test func `hold where the policy does what they say`() throws {
        let tests = """
              - {who: alice, to: web1.example.com, as: deploy, expect: allowed}
              - {who: service:deployer, to: host:web1.example.com, as: deploy, expect: allowed}
              - {who: alice, to: web1.example.com, as: root, expect: denied}
              - {who: alice, to: db1, as: deploy, expect: denied}
              - {who: bob, to: web1.example.com, as: deploy, expect: denied}
              - {who: alice, to: authority, as: admin, expect: denied}
            """
        #expect(try failures(tests) == [])
    }

    @Test func `say line and reason where it does not`() throws {
        let tests = """
              - {who: alice, to: web1.example.com, as: root, expect: allowed}
              - {who: alice, to: web1.example.com, as: deploy, expect: denied}
              - {who: alice, to: authority, as: admin, expect: allowed}
            """
        #expect(
            try failures(tests) == [
                "line 9: expected alice as root on web1.example.com: allowed, "
                    + "but it is refused (principal-not-granted): grant web gives deploy, not root",
                "line 10: expected alice as deploy on web1.example.com: denied, but grant web allows it",
                "line 11: expected alice as admin on authority: allowed, but it is refused (admin-required): "
                    + "no grant on the authority gives alice the role admin",
            ])
    }

    @Test func `take factors and device as the test says, and a fresh password if it says nothing`() throws {
        let tests = """
              - {who: alice, to: web1.example.com, as: deploy, expect: denied}
              - {who: alice, to: web1.example.com, as: deploy, expect: denied, with: [totp]}
              - {who: alice, to: web1.example.com, as: deploy, expect: denied, device: enrolled}
              - {who: alice, to: web1.example.com, as: deploy, expect: allowed, device: enrolled,
                 with: [totp]}
            """
        #expect(try failures(tests, ["devices": "enrolled", "with": "[{factor: totp, maxAge: 1s}]"]) == [])
        let password = "  - {who: alice, to: web1.example.com, as: deploy, expect: allowed}"
        #expect(try failures(password, ["with": "[password]"]) == [])
    }

    @Test func `know labels, made-up hosts, $self and external groups`() throws {
        let tests = """
              - {who: alice, to: web1.example.com, as: $self, expect: allowed, groups: [staff]}
              - {who: alice, to: web1.example.com, as: al, expect: allowed, groups: [staff]}
              - {who: alice, to: web1.example.com, as: al, expect: denied}
              - {who: bob, to: web1.example.com, as: $self, expect: denied, groups: [staff]}
              - {who: alice, to: label:env=staging, as: al, expect: allowed, groups: [staff]}
              - {who: alice, to: label:env=prod, as: al, expect: denied, groups: [staff]}
              - {who: alice, to: label:x=staging, as: al, expect: denied, groups: [staff]}
              - {who: alice, to: db1, as: al, expect: denied, groups: [staff]}
              - {who: alice, to: unknown.example.com, as: al, expect: denied, groups: [staff]}
            """
        let fields = ["who": "[group:staff]", "to": "[label:env=staging, host:staging]", "as": "[$self]"]
        #expect(try failures(tests, fields) == [])
    }

    @Test(arguments: [
        "who: alice, to: db1, as: root", "who: alice, to: db1, as: root, expect: maybe",
        "who: group:web, to: db1, as: root, expect: denied",
        "who: alice, to: authority, as: root, expect: denied",
        "who: alice, to: db1, as: root, expect: denied, device: any",
        "who: host:a, to: db1, as: root, expect: denied",
        "who: alice, to: [db1], as: root, expect: denied", "who: alice, to: db1, as: [root], expect: denied",
        "who: alice, to: db1, as: root, expect: denied, with: []",
        "who: alice, to: db1, as: root, expect: true",
        "who: alice, to: db1, as: root, expect: denied, groups: [web]",
        "who: alice, to: \"*\", as: root, expect: denied",
    ])
    func `are read as strictly as grants`(_ test: String) {
        let found = faults(of: policyText() + "tests:\n  - {\(test)}\n")
        #expect(found.count == 1 && found.allSatisfy { $0.line == 9 }, "\(found)")
    }
}

@Suite struct `The first policy` {
    @Test(arguments: ["alice", "null", "true", "no", "1e3", "0"])
    func `can be read, passes its own tests, and makes the first admin an admin`(_ name: String) throws {
        let policy = try Policy(yaml: Policy.bootstrap(admin: try Name(name)))
        let id = IdentityID(.person, try Name(name))
        #expect(policy.runTests(hosts: [], at: noon) { _ in nil } == [])
        #expect(policy.tests.count == 2)
        #expect(policy.admins(among: [id, try IdentityID("bob")]) == [id])
        #expect(policy.grants.map(\.name.text) == ["admins", "first-hosts"])
    }

    @Test func `lets the admin in under their own login, and nobody else`() throws {
        let policy = try Policy(yaml: Policy.bootstrap(admin: try Name("alice")))
        let web1 = try host("web1", "group=default")
        let alice = Subject(identity: try person("alice", login: "al"))
        let allowance = policy.decide(try request(alice, web1, "al"), at: noon).allowance
        #expect(allowance?.principals.map(\.description) == ["al@group=default"])
        #expect(allowance?.lifetime == 28_800 && allowance?.extensions == Extensions(permitPTY: true))
        #expect(!policy.decide(try request(alice, web1, "root"), at: noon).isAllowed)
        #expect(!policy.decide(try request(alice, try host("web2"), "al"), at: noon).isAllowed)
        let bob = Subject(identity: try person("bob", login: "al"))
        #expect(!policy.decide(try request(bob, web1, "al"), at: noon).isAllowed)
    }
}
