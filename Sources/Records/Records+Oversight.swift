package import Authority
import Names
package import SSHFormats

extension Records: Oversight {
    package func oversight(at now: UnixTime) async throws(StoreError) -> OversightFacts {
        try await scans.perform { session throws(StoreError) -> OversightFacts in
            var facts = OversightFacts()
            for row in try session.rows(
                "SELECT account, count(*) FROM attempt WHERE made_at > ? AND cleared = 0 GROUP BY account",
                [.time(now.advanced(by: -Int64(AttemptCount.day)))])
            {
                // Names that do not exist share rows that are no identity's.
                guard let person = try? IdentityID(try row.text(0)) else { continue }
                facts.failures[person] = try row.count(1)
            }
            for row in try session.rows("SELECT identity, factor, set_at FROM factor_secret") {
                let set = try row.optional(2) { (row, column) throws(StoreError) in try row.time(column) }
                let (person, factor) = (try row.id(0), try row.one(Factor.self, 1))
                facts.factors[person, default: [:]][factor] = .some(set)
            }
            for row in try session.rows("SELECT identity, min(created_at) FROM passkey GROUP BY identity") {
                let since = try row.time(1)
                facts.factors[try row.id(0), default: [:]][.webauthn] = .some(since)
            }
            for row in try session.rows("SELECT identity, max(last_used_at) FROM session GROUP BY identity") {
                let seen = try row.time(1)
                facts.lastSeen[try row.id(0)] = seen
            }
            for row in try session.rows(
                """
                SELECT n.identity FROM notice n
                LEFT JOIN factor_secret f ON f.identity = n.identity AND f.factor = 'password'
                WHERE n.kind = ? AND (f.set_at IS NULL OR f.set_at <= n.noticed_at)
                """, [.text(Notice.Kind.knownPassword.rawValue)])
            {
                facts.knownPasswords.insert(try row.id(0))
            }
            facts.sharedKeys = try Self.sharedKeys(at: now, session)
            for row in try session.rows(
                "SELECT fingerprint, source FROM key_source WHERE used_at > ?",
                [.time(now.advanced(by: -3_600))])
            {
                let key = try row.fingerprint(0)
                facts.sources[key, default: []].insert(try row.text(1))
            }
            facts.sources = facts.sources.filter { $0.value.count > 1 }
            return facts
        }
    }

    private static func sharedKeys(
        at now: UnixTime, _ session: any SQLSession
    ) throws(StoreError) -> [Fingerprint: Set<IdentityID>] {
        var holders: [Fingerprint: Set<IdentityID>] = [:]
        for row in try session.rows(
            """
            SELECT bytes, identity FROM certificate
            WHERE authority <> 'host' AND valid_before > ? AND key_prefix IN
                (SELECT key_prefix FROM certificate WHERE authority <> 'host' AND valid_before > ?
                GROUP BY key_prefix HAVING count(DISTINCT identity) > 1)
            """,
            [.time(now), .time(now)])
        {
            let certificate: Certificate
            do { certificate = try Certificate(blob: try row.bytes(0)) } catch {
                throw .unreadable("a certificate")
            }
            holders[certificate.fingerprint, default: []].insert(try row.id(1))
        }
        return holders.filter { $0.value.count > 1 }
    }
}
