import Authority
import Names
import SSHFormats
import Testing

@Suite struct `A decision` {
    private static let policy = """
        groups: {web: [alice, service:deployer], leads: [carol]}
        grants:
          - {name: first, who: [group:web], to: [label:env=staging, host:web1, label:tier=front],
             as: [deploy], for: 2h}
          - {name: own, who: [alice], to: [host:web1, host:web2], as: [$self]}
          - {name: root, who: [alice], to: [host:web2], as: [root], scope: connection, devices: enrolled,
             with: [totp, {factor: webauthn, maxAge: 15m}]}
          - {name: old, who: [alice], to: [host:old1], as: [root, admin], principals: plain, door: true,
             from: [10.0.0.0/8, 192.0.2.1], options: {forceCommand: "/bin/x y", permitPTY: false}}
          - {name: two, who: [alice], to: [host:db1], as: [root], approve: {by: group:leads}}
          - {name: run-it, who: [group:leads], to: [authority], as: [admin]}
        """

    private let policy: Policy
    private let alice: Subject

    init() throws {
        policy = try Policy(yaml: Self.policy)
        alice = Subject(identity: try person("alice", login: "al"))
    }

    @Test func `gives one principal per entry that matches the host`() throws {
        let web1 = try host("web1", "env=staging", "os=debian")
        let allowance = try #require(policy.decide(try request(alice, web1, "deploy"), at: noon).allowance)
        #expect(allowance.grant.text == "first")
        #expect(allowance.principals.map(\.description) == ["deploy@env=staging", "deploy@web1"])
        #expect(allowance.lifetime == 7_200)
        #expect(allowance.extensions == Extensions(permitPTY: true))
        #expect(allowance.options.isEmpty)
        #expect(!allowance.plain && !allowance.door && allowance.scope == .day)
    }

    @Test func `refuses the front door grants that do not say so`() throws {
        let guest = Subject(identity: try person("alice", login: "al"), isThroughDoor: true)
        let web1 = try host("web1", "env=staging")
        let refused = policy.decide(try request(guest, web1, "deploy"), at: noon)
        #expect(refused.refusal == .doorNotGranted)
        let allowance = policy.decide(try request(guest, try host("old1"), "root"), at: noon).allowance
        #expect(allowance?.door == true)
        #expect(policy.decide(try request(alice, web1, "deploy"), at: noon).isAllowed)
    }

    @Test func `gives all entries of a named grant where no host is named`() throws {
        let wish = try request(alice, nil, "deploy", grant: "first")
        #expect(
            policy.decide(wish, at: noon).allowance?.principals.map(\.description)
                == ["deploy@env=staging", "deploy@web1", "deploy@tier=front"])
        #expect(policy.decide(try request(alice, nil, "deploy"), at: noon).refusal == .badRequest)
    }

    @Test func `gives exactly one login on one host for one connection`() throws {
        let subject = Subject(
            identity: alice.identity, device: try device(of: "alice"),
            factors: [.totp: noon, .webauthn: noon])
        let web2 = try host("web2", "env=staging")
        let allowance = policy.decide(try request(subject, web2, "root"), at: noon).allowance
        #expect(allowance?.principals.map(\.description) == ["root@web2"])
        #expect(allowance?.lifetime == 120 && allowance?.scope == .connection)
        let everywhere = policy.decide(try request(subject, nil, "root", grant: "root"), at: noon)
        #expect(
            everywhere
                == .refused(
                    .hostNotGranted, nearest: try Name("root"),
                    missing: ["grant root gives one host at a time: name the host"]))
    }

    @Test func `C12 keeps force-command and source-address whatever is asked for`() throws {
        let old = try host("old1")
        for lifetime in [nil, 1, 60, 28_800] as [UInt64?] {
            for wish in [
                try request(alice, old, "root", lifetime: lifetime),
                try request(alice, old, "admin", scope: .day, lifetime: lifetime, grant: "old"),
                try request(alice, nil, "admin", lifetime: lifetime, grant: "old"),
            ] {
                let allowance = try #require(policy.decide(wish, at: noon).allowance)
                #expect(allowance.options.forceCommand == "/bin/x y")
                #expect(allowance.options.sourceAddress?.networks == ["10.0.0.0/8", "192.0.2.1"])
                #expect(allowance.extensions.isEmpty)
                #expect(allowance.plain && allowance.door)
                #expect(allowance.principals == [.plain(wish.login)])
            }
        }
    }

    @Test func `takes the first grant that allows all of it, or the one that is named`() throws {
        let text = """
            grants:
              - {name: a, who: [alice], to: [host:h], as: [root], with: [totp], for: 1h}
              - {name: b, who: [alice], to: [host:h], as: [root], for: 2h}
              - {name: c, who: [alice], to: [host:h], as: [root], for: 3h}
            """
        let policy = try Policy(yaml: text)
        let here = try host("h")
        func grant(_ wish: AccessRequest) -> String? { policy.decide(wish, at: noon).allowance?.grant.text }
        #expect(grant(try request(alice, here, "root")) == "b")
        #expect(grant(try request(alice, here, "root", lifetime: 9_000)) == "c")
        #expect(grant(try request(alice, here, "root", grant: "c")) == "c")
        #expect(grant(try request(alice, here, "root", grant: "a")) == nil)
        let subject = Subject(identity: alice.identity, factors: [.totp: noon])
        #expect(grant(try request(subject, here, "root")) == "a")
    }

    @Test(arguments: [
        (UInt64(0), false), (1, true), (7_199, true), (7_200, true), (7_201, false), (1 << 63, false),
        ((1 << 63) - 1, false), (.max, false), (.max - 59, false),
    ])
    func `gives exactly the lifetime that is asked for, or refuses`(
        _ lifetime: UInt64, _ isAllowed: Bool
    )
        throws
    {
        let wish = try request(alice, try host("web1"), "deploy", lifetime: lifetime)
        let decision = policy.decide(wish, at: noon)
        #expect(decision.allowance?.lifetime == (isAllowed ? lifetime : nil))
        #expect(decision.refusal == (isAllowed ? nil : .badLifetime))
    }

    @Test func `names the first condition that the nearest grant does not meet`() throws {
        func code(
            _ host: Host?, _ login: String, scope: Scope? = nil, grant: String? = nil
        ) throws
            -> Refusal?
        {
            policy.decide(try request(alice, host, login, scope: scope, grant: grant), at: noon).refusal
        }
        #expect(try code(try host("web9"), "deploy") == .hostNotGranted)
        #expect(try code(try host("web1"), "oracle") == .principalNotGranted)
        #expect(try code(try host("web1"), "deploy", scope: .connection) == .scopeNotGranted)
        #expect(try code(try host("web2"), "root") == .deviceRequired)
        #expect(try code(try host("db1"), "root") == .approvalRequired)
        #expect(try code(try host("db1"), "root", grant: "none") == .noGrant)
        #expect(try code(try host("db1"), "root", grant: "run-it") == .noGrant)
    }

    @Test func `says every condition that is missing, in words`() throws {
        let subject = Subject(identity: alice.identity, factors: [.webauthn: moment(3_700)])
        let wish = try request(subject, try host("web2"), "root", scope: .day, lifetime: 300)
        #expect(
            policy.decide(wish, at: noon)
                == .refused(
                    .scopeNotGranted, nearest: try Name("root"),
                    missing: [
                        "grant root gives scope connection, not day",
                        "grant root asks for an enrolled device",
                        "grant root asks for totp; it was not shown",
                        "grant root asks for webauthn of the last 15m; it was shown 1h ago",
                        "grant root gives 1s to 2m, not 5m",
                    ]))
        #expect(
            policy.decide(try request(alice, try host("web1"), "root"), at: noon)
                == .refused(
                    .principalNotGranted, nearest: try Name("first"),
                    missing: ["grant first gives deploy, not root"]))
    }

    @Test func `explains itself in lines`() throws {
        let refused = try request(alice, try host("web1"), "root")
        #expect(
            policy.decide(refused, at: noon).explanation(of: refused) == [
                "alice may not log in to web1 as root: principal-not-granted.", "nearest grant: first",
                "- grant first gives deploy, not root", Refusal.principalNotGranted.advice,
            ])
        let allowed = try request(alice, try host("old1"), "admin")
        #expect(
            policy.decide(allowed, at: noon).explanation(of: allowed) == [
                "alice may log in to old1 as admin.",
                "grant: old (scope day, 8h, signed by the plain-user CA)",
                "principals: admin", "permits: nothing but a command", "force-command: /bin/x y",
                "source-address: 10.0.0.0/8,192.0.2.1",
            ])
    }

    @Test func `tells a stranger the name of a grant at most`() throws {
        let mallory = Subject(identity: try person("mallory", login: "mal"))
        #expect(
            policy.decide(try request(mallory, try host("web1"), "deploy"), at: noon)
                == .refused(
                    .noGrant, nearest: try Name("first"),
                    missing: ["grant first gives deploy there, but is not for mallory"]))
        #expect(
            policy.decide(try request(mallory, try host("web1"), "root"), at: noon)
                == .refused(
                    .noGrant, nearest: nil, missing: ["no grant is for mallory"]))
    }

    @Test func `is for persons and services that are active, on devices that are`() throws {
        let web1 = try host("web1")
        func code(_ subject: Subject) throws -> Refusal? {
            policy.decide(try request(subject, web1, "deploy"), at: noon).refusal
        }
        for status in [IdentityStatus.suspended, .retired] {
            #expect(try code(Subject(identity: try person("alice", status: status))) == .identitySuspended)
            let laptop = try device(of: "alice", status: status)
            #expect(try code(Subject(identity: alice.identity, device: laptop)) == .identitySuspended)
        }
        let deployer = Identity(id: try IdentityID("service:deployer"), owner: nil, createdAt: noon)
        #expect(try code(Subject(identity: deployer)) == nil)
        #expect(try code(Subject(identity: try device(of: "alice"))) == .noGrant)
        let machine = Identity(id: try IdentityID("host:web1"), owner: nil, createdAt: noon)
        #expect(try code(Subject(identity: machine)) == .noGrant)
    }

    @Test func `takes $self for the person's own login, which is never root`() throws {
        let web2 = try host("web2")
        func decide(_ subject: Subject, _ login: String) throws -> Decision {
            policy.decide(try request(subject, web2, login, grant: "own"), at: noon)
        }
        #expect(try decide(alice, "al").allowance?.principals.map(\.description) == ["al@web2"])
        #expect(try decide(alice, "alice").refusal == .principalNotGranted)
        #expect(try decide(Subject(identity: try person("alice")), "alice").refusal == .loginMissing)
        #expect(try decide(Subject(identity: try person("alice")), "root").refusal == .principalNotGranted)
        #expect(
            try decide(Subject(identity: try person("alice", login: "root")), "root").refusal
                == .principalNotGranted)
    }

    @Test func `counts only an enrolled device of the same person`() throws {
        let web2 = try host("web2")
        func code(_ device: Identity?) throws -> Refusal? {
            let subject = Subject(
                identity: alice.identity, device: device, factors: [.totp: noon, .webauthn: noon])
            return policy.decide(try request(subject, web2, "root"), at: noon).refusal
        }
        #expect(try code(try device(of: "alice")) == nil)
        #expect(try code(try device(of: "bob")) == .deviceRequired)
        #expect(try code(nil) == .deviceRequired)
        #expect(try code(try person("alice")) == .deviceRequired)
    }

    @Test(arguments: [
        (Int64(0), true), (899, true), (900, true), (901, false), (-60, true), (-61, false),
        (-100_000, false),
    ])
    func `takes a factor up to its age, and none from the future`(
        _ secondsAgo: Int64, _ isAllowed: Bool
    )
        throws
    {
        let subject = Subject(
            identity: alice.identity, device: try device(of: "alice"),
            factors: [.totp: noon, .webauthn: moment(secondsAgo)])
        let decision = policy.decide(try request(subject, try host("web2"), "root"), at: noon)
        #expect(decision.refusal == (isAllowed ? nil : secondsAgo > 0 ? .factorTooOld : .factorRequired))
    }

    @Test func `believes the identity provider only about groups declared external`() throws {
        let text = """
            groups: {staff: external, admins: [carol]}
            grants:
              - {name: a, who: [group:staff], to: [host:h], as: [web]}
              - {name: b, who: [group:admins], to: [host:h], as: [root]}
              - {name: c, who: [group:admins], to: [authority], as: [admin]}
            """
        let policy = try Policy(yaml: text)
        let subject = Subject(
            identity: alice.identity, factors: [.oidc: noon],
            externalGroups: [try Name("staff"), try Name("admins"), try Name("other")])
        #expect(policy.decide(try request(subject, try host("h"), "web"), at: noon).isAllowed)
        #expect(policy.decide(try request(alice, try host("h"), "web"), at: noon).refusal == .noGrant)
        #expect(
            policy.decide(try request(subject, try host("h"), "root"), at: noon).refusal
                == .principalNotGranted)
        #expect(policy.authorityRoles(of: subject).isEmpty)
    }

    @Test func `Z03 never lets one host or login of a list speak for another`() throws {
        let names = (0..<12).map { "h\($0)" }
        let logins = (0..<6).map { "u\($0)" }
        for missing in names.indices {
            let others = names.filter { $0 != names[missing] }.map { "host:\($0)" }.joined(separator: ", ")
            let gone = logins[missing % logins.count]
            let users = logins.filter { $0 != gone }.joined(separator: ", ")
            let policy = try Policy(
                yaml: policyText(["who": "[alice]", "to": "[\(others)]", "as": "[\(users)]"]))
            for name in names {
                for login in logins {
                    let wish = try request(alice, try host(name), login)
                    let principals = policy.decide(wish, at: noon).allowance?.principals.map(\.description)
                    let isGranted = name != names[missing] && login != gone
                    #expect(principals == (isGranted ? ["\(login)@\(name)"] : nil))
                }
            }
            for login in logins {
                let wish = try request(alice, nil, login, grant: "web")
                let principals = policy.decide(wish, at: noon).allowance?.principals.map(\.description)
                let all = names.filter { $0 != names[missing] }.map { "\(login)@\($0)" }
                #expect(principals == (login == gone ? nil : all))
            }
        }
    }
}
