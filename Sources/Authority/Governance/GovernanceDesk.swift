import Names
import SSHFormats

/// Every rule with what it finds now.
package struct GovernanceReport: Sendable {
    package let rules: [(rule: GovernanceRule, setting: GovernanceSetting)]
    package let findings: [GovernanceFinding]
}

/// Says what the rules of governance find.
package struct GovernanceDesk: Sendable {
    let directory: any Directory
    let inventory: any Inventory
    let oversight: any Oversight
    let policies: PolicyDesk
    let recorder: Recorder

    /// For auditors and admins.
    package func report(to requester: Requester) async throws(AuthorityError) -> GovernanceReport {
        let (_, policy) = try await policies.current()
        try await policies.read(.auditor, requester, on: "governance", policy: policy)
        let findings = try await findings(policy)
        let rules = GovernanceRule.allCases.map { rule in
            (rule: rule, setting: policy.governance[rule] ?? rule.standard)
        }
        return GovernanceReport(rules: rules, findings: findings)
    }

    func findings(_ policy: Policy) async throws(AuthorityError) -> [GovernanceFinding] {
        let now = recorder.world.now()
        var identities: [Identity] = []
        for kind in IdentityKind.allCases { identities += try await policies.all(kind) }
        let facts: OversightFacts
        do { facts = try await oversight.oversight(at: now) } catch { throw .store(error) }
        return GovernanceFindings(
            rules: policy.governance, identities: identities, keys: try await allKeys(), facts: facts,
            now: now
        ).all
    }

    private func allKeys() async throws(AuthorityError) -> [KeyFound] {
        var found: [KeyFound] = []
        while true {
            let query = KeyQuery(after: found.last?.key.publicKey.fingerprint, limit: KeyDesk.longestPage)
            let page: [KeyFound]
            do { page = try await inventory.keys(query) } catch { throw .store(error) }
            found += page
            guard page.count == KeyDesk.longestPage else { return found }
        }
    }
}
