import Authority
import Names
import Testing

@Suite struct `A name in a policy` {
    static let hostile = [
        "Root", " root", "root ", "ADMIN", "Admin", "\u{212A}", "roo\u{212A}", "a\u{301}", "caf\u{E9}",
        "a\r\nb", "a\nb",
        "a\0b", "a\0", "%u", "$(x)", "`x`", "*", "a*", "a,b", "a b", "", "a/b", "../a", "a;b", "a@b",
        "\u{FF41}dmin",
        "a\u{200D}b", "a\u{202E}b", "-a", ".a", "a\tb", "a'b", "a\"b", "a\\b", "a%", "${a}", "~a", "a+b",
        String(repeating: "a", count: 300),
    ]

    /// Where a name may stand: the text around it, and the path that the fault must name.
    static let places: [(before: String, after: String, path: String)] = {
        let grant = "name: g, who: [group:web], to: [host:h], as: [deploy]"
        let groups = "groups: {web: [alice]}\n"
        func inGrant(
            _ field: String, _ prefix: String, _ path: String, suffix: String = ""
        ) -> (String, String, String) {
            let others = ["name: g", "who: [group:web]", "to: [host:h]", "as: [deploy]"]
                .filter { !$0.utf8.starts(with: "\(field):".utf8) }.joined(separator: ", ")
            let opening = field == "name" ? "" : "["
            let closing = field == "name" ? "" : "]"
            return (
                "\(groups)grants: [{\(others), \(field): \(opening)\"\(prefix)", "\(suffix)\"\(closing)}]",
                "grants[0].\(path)"
            )
        }
        func inTest(_ who: String, _ to: String, _ login: String, _ path: String) -> (String, String, String)
        {
            let test = "{who: \(who), to: \(to), as: \(login), expect: denied}"
            let halves = test.split(separator: "@@").map(String.init)
            let before = "\(groups)grants: [{\(grant)}]\ntests: [\(halves[0])\""
            return (before, "\"\(halves[1])]", "tests[0].\(path)")
        }
        return [
            ("groups: {web: [alice], \"", "\": [bob]}\ngrants: [{\(grant)}]", "groups."),
            ("groups: {web: [alice, \"", "\"]}\ngrants: [{\(grant)}]", "groups.web[1]"),
            ("groups: {web: [alice, \"service:", "\"]}\ngrants: [{\(grant)}]", "groups.web[1]"),
            inGrant("name", "", "name"), inGrant("who", "", "who[0]"), inGrant("who", "person:", "who[0]"),
            inGrant("who", "group:", "who[0]"), inGrant("who", "service:", "who[0]"),
            inGrant("to", "", "to[0]"),
            inGrant("to", "host:", "to[0]"), inGrant("to", "label:env=", "to[0]"), inGrant("as", "", "as[0]"),
            inGrant("to", "label:", "to[0]", suffix: "=x"),
            inTest("@@", "h", "root", "who"), inTest("alice", "@@", "root", "to"),
            inTest("alice", "h", "@@", "as"),
        ]
    }()

    private static func escaped(_ text: String) -> String {
        text.utf16.map { unit in
            if (0x61...0x7A).contains(unit) { return String(decoding: [unit], as: UTF16.self) }
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }

    @Test(arguments: places.indices)
    func `Z05 is refused at every place unless it is lower-case ASCII, and never repaired`(
        _ index: Int
    )
        throws
    {
        let place = Self.places[index]
        let harmless = faults(of: place.before + "zed" + place.after).map(\.problem)
        #expect(
            harmless.allSatisfy { $0.contains("no group called zed") || $0.contains("none of host:NAME") })
        for name in Self.hostile {
            let found = faults(of: place.before + Self.escaped(name) + place.after)
            #expect(!found.isEmpty, "\(name.debugDescription) at \(place.path)")
            #expect(found.allSatisfy { $0.path.utf8.starts(with: place.path.utf8) }, "\(found)")
        }
    }

    @Test func `Z05 that looks like admin gives no right on the authority`() throws {
        for role in ["Admin", "ADMIN", " admin", "admin ", "\u{FF41}dmin", "adm\u{131}n", "root"] {
            let text = policyText(["to": "[authority]", "as": "[\"\(role)\"]"])
            #expect(faults(of: text).map(\.path) == ["grants[0].as[0]"], "\(role)")
        }
        let policy = try Policy(
            yaml: policyText(["as": "[admin, root]"], groups: "{web: [admin, root], admins: [eve]}"))
        for name in ["admin", "root", "eve"] {
            let subject = Subject(identity: try person(name), factors: [.webauthn: noon])
            #expect(policy.authorityRoles(of: subject).isEmpty)
            #expect(!policy.mayAct(.admin, subject: subject, at: noon).isAllowed)
        }
    }

    @Test func `is the same only byte for byte`() throws {
        let policy = try Policy(yaml: policyText(["who": "[alice]"]))
        for other in ["alice.", "alic", "alice2", "service:alice"] {
            guard let id = try? IdentityID(other) else { continue }
            let subject = Subject(identity: Identity(id: id, owner: nil, createdAt: noon))
            let decision = policy.decide(
                try request(subject, try host("web1.example.com"), "deploy"), at: noon)
            #expect(decision.refusal == .noGrant)
        }
    }
}
