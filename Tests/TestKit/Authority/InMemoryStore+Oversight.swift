package import Authority
import Names
package import SSHFormats

extension InMemoryStore: Oversight {
    package func oversight(at now: UnixTime) -> OversightFacts {
        var facts = OversightFacts()
        let dayAgo = now.advanced(by: -86_400)
        for kept in attempts where !kept.isCleared && kept.attempt.at > dayAgo {
            guard let person = try? IdentityID(kept.attempt.account) else { continue }
            facts.failures[person, default: 0] += 1
        }
        for secret in contents.secrets {
            facts.factors[secret.id, default: [:]][secret.factor] = .some(secret.setAt)
        }
        for (person, all) in Dictionary(grouping: contents.passkeys, by: \.person) {
            facts.factors[person, default: [:]][.webauthn] = .some(all.map(\.createdAt).min())
        }
        for kept in contents.sessions {
            let seen = facts.lastSeen[kept.session.identity]
            facts.lastSeen[kept.session.identity] = max(seen ?? UnixTime(0), kept.session.lastUsedAt)
        }
        for (id, notices) in contents.notices {
            let setAt = contents.secrets.first { $0.id == id && $0.factor == .password }?.setAt
            guard let noticed = notices[.knownPassword], setAt.map({ $0 <= noticed.at }) ?? true else {
                continue
            }
            facts.knownPasswords.insert(id)
        }
        let running = contents.certificates.filter {
            $0.authority != .host && $0.certificate.validBefore > now
        }
        for issued in running {
            facts.sharedKeys[issued.certificate.fingerprint, default: []].insert(issued.identity)
        }
        facts.sharedKeys = facts.sharedKeys.filter { $0.value.count > 1 }
        for (key, sources) in contents.keySources {
            let recent = sources.filter { $0.value > now.advanced(by: -3_600) }
            if recent.count > 1 { facts.sources[key] = Set(recent.keys) }
        }
        return facts
    }
}
