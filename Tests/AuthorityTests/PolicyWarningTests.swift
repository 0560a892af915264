import Authority
import Names
import Testing

@Suite struct `A policy that gives roles to groups of others` {
    private func warnings(_ grants: String) throws -> [PolicyWarning] {
        try Policy(yaml: "groups: {ops: external, team: external, own: [ada]}\ngrants:\n\(grants)\n").warnings
    }

    @Test func `is warned of, grant by grant`() throws {
        let found = try warnings(
            """
              - {name: admins, who: [group:own, ada], to: [authority], as: [admin]}
              - {name: rest, who: [ada, group:ops, group:team], to: [authority], as: [helpdesk, auditor]}
              - {name: run, who: [group:ops], to: [authority], as: [admin], approve: {by: group:own}}
            """)
        #expect(found.map(\.grant.text) == ["rest", "rest", "run"])
        #expect(found.map(\.group.text) == ["ops", "team", "ops"])
        #expect(found.map(\.roles) == [[.helpdesk, .auditor], [.helpdesk, .auditor], [.admin]])
        #expect(found.allSatisfy { $0.code == .externalRole })
        #expect(
            found.last?.description
                == "grant run: group:ops is external, so whoever fills it, a provisioner or an identity provider, "
                + "decides who is admin here")
    }

    @Test func `is not warned of where they give logins, or its own groups give roles`() throws {
        let found = try warnings(
            """
              - {name: admins, who: [group:own], to: [authority], as: [admin]}
              - {name: web, who: [group:ops], to: [label:env=staging], as: [deploy]}
            """)
        #expect(found == [])
    }
}
