package import Names
package import SSHFormats

/// Something that a rule is about.
package struct GovernanceFinding: Hashable, Sendable {
    package let rule: GovernanceRule
    package let measure: GovernanceMeasure
    /// Who it is about, or who holds the key.
    package let identity: IdentityID?
    package let key: Fingerprint?
    /// A sentence for people, about whom it names.
    package let words: String

    var sentence: String {
        let about = [identity?.description, key?.description].compactMap(\.self).joined(separator: ", ")
        return "governance rule \(rule.rawValue): \(about) \(words)"
    }
}

/// Holds rules against what is known. Pure.
struct GovernanceFindings {
    let rules: [GovernanceRule: GovernanceSetting]
    let identities: [Identity]
    let keys: [KeyFound]
    let facts: OversightFacts
    let now: UnixTime

    /// All of them, in the order of the rules, then of whom they are about.
    var all: [GovernanceFinding] {
        GovernanceRule.allCases.flatMap { rule -> [GovernanceFinding] in
            guard let setting = rules[rule], setting.measure != .off else { return [] }
            return found(rule, setting).map { found in
                GovernanceFinding(
                    rule: rule, measure: setting.measure, identity: found.identity, key: found.key,
                    words: found.words)
            }.sorted {
                ($0.identity?.description ?? "", $0.words) < ($1.identity?.description ?? "", $1.words)
            }
        }
    }

    fileprivate struct Found {
        var identity: IdentityID?
        var key: Fingerprint?
        let words: String
    }

    private func found(_ rule: GovernanceRule, _ setting: GovernanceSetting) -> [Found] {
        switch rule {
        case .failedAttempts: failures(atLeast: setting.count ?? 1)
        case .passwordAge: passwords(olderThan: setting.after ?? 0)
        case .knownPasswords:
            persons.filter { facts.knownPasswords.contains($0.id) }.map {
                Found(identity: $0.id, words: "has a well-known password")
            }
        case .sharedKeys: sharedKeys
        case .overdueKeys:
            activeKeys.filter { isPast($0.key.authorizedAt, setting.after) }.map {
                let did = $0.key.reauthorizedAt == nil ? "registered" : "reauthorized"
                return Found($0, "was \(did) \(age($0.key.authorizedAt)) ago")
            }
        case .dormantIdentities: dormant(after: setting.after)
        case .dormantKeys:
            activeKeys.filter { isPast($0.key.lastUsedAt ?? $0.key.createdAt, setting.after) }.map {
                Found($0, $0.key.lastUsedAt.map { "was last used \(age($0)) ago" } ?? "was never used")
            }
        case .weakAlgorithms: weakKeys
        case .manyAddresses:
            facts.sources.filter { $0.value.count >= (setting.count ?? 2) }.map { key, sources in
                let holder = keys.first { $0.key.publicKey.fingerprint == key }?.key.identity
                return Found(
                    identity: holder, key: key,
                    words: "was used within an hour from " + sources.sorted().joined(separator: ", "))
            }
        case .noSecondFactor: withoutSecondFactor
        case .ownerLeft: orphans
        }
    }

    private var persons: [Identity] { identities.filter { $0.id.kind == .person && $0.status == .active } }

    /// Keys that are in use, of identities that are.
    private var activeKeys: [KeyFound] {
        let active = Set(identities.filter { $0.status == .active }.map(\.id))
        return keys.filter { $0.key.state == .active && active.contains($0.key.identity) }
    }

    /// An ssh key of the person's own is one too.
    private var withoutSecondFactor: [Found] {
        let withKey = Set(keys.filter { $0.key.state == .active }.map(\.key.identity))
        return persons.filter { person in
            let factors = (facts.factors[person.id] ?? [:]).keys
            return !withKey.contains(person.id) && !factors.contains { $0.isSecond && $0 != .recovery }
        }.map { Found(identity: $0.id, words: "has no second factor") }
    }

    private func failures(atLeast count: UInt64) -> [Found] {
        persons.compactMap { person in
            guard let failed = facts.failures[person.id], failed >= count else { return nil }
            return Found(identity: person.id, words: "\(failed) wrong factors within a day")
        }
    }

    private func passwords(olderThan seconds: UInt64) -> [Found] {
        persons.compactMap { person in
            guard let set = facts.factors[person.id]?[.password] else { return nil }
            // Where nobody wrote down when, it is no younger than that there was nobody to have it.
            let since = set ?? person.createdAt
            guard isPast(since, seconds) else { return nil }
            return Found(identity: person.id, words: "the password was set \(age(since)) ago")
        }
    }

    private var sharedKeys: [Found] {
        facts.sharedKeys.flatMap { key, holders in
            let names = holders.sorted().map(\.description).joined(separator: ", ")
            return holders.map { Found(identity: $0, key: key, words: "is certified for \(names)") }
        }
    }

    private func dormant(after seconds: UInt64?) -> [Found] {
        persons.compactMap { person in
            let seen = facts.lastSeen[person.id]
            guard isPast(seen ?? person.createdAt, seconds) else { return nil }
            return Found(
                identity: person.id, words: seen.map { "was last seen \(age($0)) ago" } ?? "was never seen")
        }
    }

    private var weakKeys: [Found] {
        activeKeys.compactMap { found in
            do {
                try found.key.publicKey.checkStrength()
                return nil
            } catch {
                return Found(found, "\(found.key.publicKey.type.name): \(error)")
            }
        }
    }

    private var orphans: [Found] {
        let active = Set(persons.map(\.id))
        return identities.compactMap { identity in
            guard identity.status == .active, let owner = identity.owner, !active.contains(owner) else {
                return nil
            }
            let status = identities.first { $0.id == owner }?.status.rawValue ?? "gone"
            return Found(identity: identity.id, words: "its owner \(owner) is \(status)")
        }
    }

    private func isPast(_ moment: UnixTime, _ seconds: UInt64?) -> Bool {
        guard let seconds else { return false }
        return moment.advanced(by: Int64(clamping: seconds)) <= now
    }

    private func age(_ moment: UnixTime) -> String {
        PolicyDuration.roughly(now.seconds - min(now.seconds, moment.seconds))
    }
}

extension GovernanceFindings.Found {
    fileprivate init(_ found: KeyFound, _ words: String) {
        self.init(identity: found.key.identity, key: found.key.publicKey.fingerprint, words: words)
    }
}
