import Authority
import Names
import SSHFormats
import Testing

@Suite struct `A policy text` {
    private static let example = """
        groups: {web: [alice, bob], leads: [carol, service:deployer], staff: external}
        grants:
          - name: web-deploy
            who: [group:web, service:deployer]
            to: [label:env=staging, host:web1.example.com]
            as: [deploy, $self]
            scope: day
            for: 90m
            devices: enrolled
            with: [totp, {factor: webauthn, maxAge: 15m}]
            from: [10.0.0.0/8, "2001:db8::/32"]
            options: {forceCommand: null, permitPTY: true, permitPortForwarding: true}
            approve: {by: group:leads, count: 2}
            door: true
          - {name: bare, who: [group:staff], to: [host:old1], as: [root], principals: plain}
          - {name: quick, who: [dave], to: [host:web1], as: [root], scope: connection}
          - {name: run-it, who: [group:leads], to: [authority], as: [admin, auditor]}
        tests:
          - {who: alice, to: web1.example.com, as: root, expect: denied}
        """

    @Test func `is read whole`() throws {
        let policy = try Policy(yaml: Self.example)
        #expect(policy.source == Self.example)
        #expect(
            policy.groups == [
                try Name("web"): [try IdentityID("alice"), try IdentityID("bob")],
                try Name("leads"): [try IdentityID("carol"), try IdentityID("service:deployer")],
            ])
        #expect(policy.externalGroups == [try Name("staff")])
        #expect(policy.grants.map(\.name.text) == ["web-deploy", "bare", "quick", "run-it"])
        #expect(policy.tests.map(\.description) == ["alice as root on web1.example.com: denied"])
        let grant = try #require(policy.grants.first)
        #expect(grant.who == [.group(try Name("web")), .identity(try IdentityID("service:deployer"))])
        #expect(grant.to == [.label(try Label("env=staging")), .host(try Name("web1.example.com"))])
        #expect(grant.as == [.login(try Login("deploy")), .own])
        #expect(grant.longest == 5_400)
        #expect(grant.devices && grant.door)
        #expect(grant.with.map(\.factor) == [.totp, .webauthn])
        #expect(grant.with.map(\.maxAge) == [nil, 900])
        #expect(grant.criticalOptions.options.map(\.name) == ["source-address"])
        #expect(grant.extensions.options.map(\.name) == ["permit-port-forwarding", "permit-pty"])
        #expect(grant.approve?.by == (try Name("leads")) && grant.approve?.count == 2)
    }

    @Test func `gives a day, eight hours and a terminal where it does not say`() throws {
        let grant = try #require(try Policy(yaml: policyText()).grants.first)
        #expect(grant.scope == .day)
        #expect(grant.longest == 28_800)
        #expect(grant.extensions.options.map(\.name) == ["permit-pty"])
        #expect(grant.criticalOptions.isEmpty)
        #expect(!grant.devices && grant.with.isEmpty && !grant.door && grant.approve == nil)
        let quick = try #require(try Policy(yaml: policyText(["scope": "connection"])).grants.first)
        #expect(quick.longest == 120)
    }

    @Test func `reports all of its faults at once, each with line and path`() {
        let text = """
            group: {}
            grants:
              - name: Web
                who: [alice, alice]
                to: []
                as: [deploy]
                for: 9h
                when: now
              - name: b
                who: [group:none]
                to: [everywhere]
                as: deploy
            tests: [{who: alice, to: web1, as: root, expect: no}]
            """
        #expect(
            faults(of: text).map { "\($0.line) \($0.path)" } == [
                "1 ", "3 grants[0].name", "4 grants[0].who[1]", "5 grants[0].to", "7 grants[0].for",
                "8 grants[0]",
                "10 grants[1].who[0]", "11 grants[1].to[0]", "12 grants[1].as", "13 tests[0].expect",
            ])
    }

    @Test func `says what is wrong in words`() {
        #expect(
            faults(of: policyText(["to": "[host:*.example.com]"])).map(\.description) == [
                "line 6, grants[0].to[0]: `*.example.com` has a wildcard; "
                    + "name each thing, or give hosts a label"
            ])
        #expect(
            faults(of: policyText(["frm": "[10.0.0.0/8]"])).map(\.problem) == [
                "unknown key `frm`; known are name, who, to, as, devices, with, approve, scope, for, from, "
                    + "options, door, principals"
            ])
        #expect(
            faults(of: policyText(["as": "[\"\\e[31mroot\\r\\n\"]"])).map(\.problem) == [
                "`\\x1b[31mroot\\x0d\\x0a` has a byte at 0 that names cannot have; "
                    + "use lower-case ASCII letters, digits, dot, hyphen and underscore"
            ])
    }

    @Test(arguments: [
        ("who", "alice"), ("who", "[]"), ("who", "[[alice]]"), ("who", "[null]"), ("who", "[true]"),
        ("who", "~"),
        ("who", "[group:nobody]"), ("who", "[device:alice.laptop]"), ("who", "[host:web1]"),
        ("who", "[alice, alice]"),
        ("to", "[]"), ("to", "[web1]"), ("to", "[label:env]"),
        ("to", "[label:a=b=c]"), ("to", "[host:web1, host:web1]"), ("to", "[Authority]"), ("as", "[]"),
        ("as", "[$other]"), ("as", "[deploy, deploy]"), ("as", "{deploy: true}"), ("scope", "week"),
        ("scope", "Day"),
        ("for", "0h"), ("for", "28800"), ("for", "-1h"), ("for", "1.5h"), ("for", "8h1s"), ("for", "08h"),
        ("for", "28801s"), ("for", "9999999999s"), ("for", "18446744073709551615s"), ("for", "null"),
        ("devices", "any"), ("devices", "true"), ("with", "[]"), ("with", "[sms]"), ("with", "[totp, totp]"),
        ("with", "[totp, {factor: totp, maxAge: 5m}]"), ("with", "[{factor: totp, maxAge: 0s}]"),
        ("with", "[{maxAge: 5m}]"), ("from", "[10.0.0.1/8]"), ("from", "[10.0.0.0/33]"),
        ("from", "[example.com]"),
        ("from", "[\"*\"]"), ("from", "[any]"), ("options", "{}"), ("options", "{permitPTY: yes}"),
        ("options", "{permitPTY: \"true\"}"), ("options", "{permitEverything: true}"),
        ("options", "{forceCommand: \"\"}"),
        ("options", "{forceCommand: \"a\\nb\"}"), ("options", "{forceCommand: \"a\\0b\"}"),
        ("approve", "{by: alice}"), ("approve", "{by: group:web, count: 0}"),
        ("approve", "{by: group:web, count: 17}"),
        ("approve", "{count: 1}"), ("door", "1"), ("principals", "any"), ("name", "null"), ("name", "a/b"),
    ])
    func `is refused for a field that is wrong`(_ key: String, _ value: String) {
        let found = faults(of: policyText([key: value]))
        #expect(found.count == 1, "\(found)")
        #expect(
            found.allSatisfy { $0.path.utf8.starts(with: "grants[0].\(key)".utf8) || $0.path == "grants[0]" })
    }

    @Test(arguments: ["name", "who", "to", "as"])
    func `is refused without a field that a grant needs`(_ key: String) {
        #expect(
            faults(of: policyText([key: nil])) == [
                PolicyFault(line: 4, path: "grants[0]", problem: "lacks `\(key)`")
            ])
    }

    @Test func `C12 is refused with source addresses that are an empty list or nothing`() {
        for empty in ["[]", "null", "\"\"", "[\"\"]", ""] {
            #expect(faults(of: policyText(["from": empty])).map(\.path) == ["grants[0].from"], "\(empty)")
        }
    }

    @Test func `is refused where a certificate for one connection lasts longer than two minutes`() {
        #expect(
            faults(of: policyText(["scope": "connection", "for": "3m"])).map(\.path) == ["grants[0].for"])
        #expect(faults(of: policyText(["scope": "connection", "for": "2m"])).isEmpty)
    }

    @Test func `is refused with plain principals for one connection, which cannot name the host`() {
        let fields = ["scope": "connection", "principals": "plain"]
        #expect(faults(of: policyText(fields)).map(\.path) == ["grants[0].principals"])
    }

    @Test func `is refused where a grant on the authority speaks of certificates`() {
        let fields = [
            "to": "[authority]", "as": "[admin]", "for": "1h", "from": "[10.0.0.0/8]", "scope": "day",
        ]
        #expect(
            faults(of: policyText(fields)).map(\.path) == [
                "grants[0].for", "grants[0].from", "grants[0].scope",
            ])
        let mixed = ["to": "[authority, host:web1]", "as": "[admin]"]
        #expect(faults(of: policyText(mixed)).map(\.problem) == ["`authority` must stand alone in `to`"])
        #expect(
            faults(of: policyText(["to": "[authority]", "as": "[root]"])).map(\.path) == ["grants[0].as[0]"])
    }

    @Test func `is refused with two grants of one name`() {
        let grant = "{name: a, who: [alice], to: [host:h], as: [root]}"
        #expect(
            faults(of: "grants:\n - \(grant)\n - \(grant)") == [
                PolicyFault(line: 3, path: "grants[1]", problem: "there is another grant called a")
            ])
    }

    @Test func `is refused with groups that are empty, nested, or hold devices`() {
        for members in ["[]", "[group:web]", "[device:a]", "[host:a]", "external", "alice", "[alice, alice]"]
        {
            let found = faults(of: policyText(groups: "{web: [alice], more: \(members)}"))
            #expect(found.isEmpty == (members == "external"), "\(members): \(found)")
        }
        #expect(faults(of: policyText(["who": "[alice]"], groups: "{}")).count == 1)
    }

    @Test func `keeps longer certificates within limits that are configured`() throws {
        let limits = try #require(PolicyLimits(day: 86_400, connection: 300))
        #expect(try Policy(yaml: policyText(["for": "1d"]), limits: limits).grants.map(\.longest) == [86_400])
        #expect(throws: PolicyFaults.self) { try Policy(yaml: policyText(["for": "25h"]), limits: limits) }
        #expect(PolicyLimits(day: 86_401, connection: 120) == nil)
        #expect(PolicyLimits(day: 28_800, connection: 0) == nil)
    }

    @Test func `reports at most a hundred faults`() {
        let who = (0..<500).map { "A\($0)" }.joined(separator: ", ")
        #expect(faults(of: policyText(["who": "[\(who)]"])).count == 100)
    }

    @Test func `takes at most 256 places in a grant, as a certificate has principals`() {
        func text(_ count: Int) -> String {
            policyText(["to": "[" + (1...count).map { "host:h\($0)" }.joined(separator: ", ") + "]"])
        }
        #expect(faults(of: text(256)).isEmpty)
        #expect(faults(of: text(257)).map(\.problem) == ["has more than 256 entries"])
    }
}
