package import Authority
package import Names
package import SSHFormats

extension Records: CAKeys {
    package func caKeySets() async throws(StoreError) -> CAKeySets {
        try await points.perform { session throws(StoreError) in
            let version = try session.row("SELECT value FROM counter WHERE name = 'hostState'", [])
            let keys = try session.rows("SELECT \(CAKey.columns) FROM ca_key ORDER BY position").map {
                (row) throws(StoreError) in try CAKey(row)
            }
            let waivers = try session.rows(
                "SELECT fingerprint, holder, made_by, made_at FROM ca_waiver ORDER BY fingerprint, holder"
            ).map { (row) throws(StoreError) in
                CAWaiver(
                    key: try row.fingerprint(0), holder: try row.id(1), by: try row.id(2),
                    at: try row.time(3))
            }
            return CAKeySets(version: try version?.count(0) ?? 0, keys: keys, waivers: waivers)
        }
    }

    package func running(
        _ authority: CertificateAuthority, at now: UnixTime
    ) async throws(StoreError) -> (count: UInt64, lastExpiry: UnixTime?) {
        try await scans.perform { session throws(StoreError) in
            let row = try session.row(
                "SELECT count(*), max(valid_before) FROM certificate WHERE valid_before > ? AND authority = ?",
                [.time(now), .text(authority.rawValue)])
            guard let row else { return (0, nil) }
            let last = try row.optional(1) { (row, column) throws(StoreError) in try row.time(column) }
            return (try row.count(0), last)
        }
    }

    package func knows(_ key: Fingerprint, _ device: IdentityID) async throws(StoreError) -> Bool {
        try await points.perform { session throws(StoreError) in
            let row = try session.row(
                "SELECT count(*) FROM ca_known WHERE fingerprint = ? AND device = ?",
                [.bytes(key.bytes), .id(device)])
            return try row?.count(0) ?? 0 > 0
        }
    }

    package func devicesWithout(
        _ key: Fingerprint, at now: UnixTime
    ) async throws(StoreError) -> [IdentityID] {
        try await scans.perform { session throws(StoreError) in
            try session.rows(
                """
                SELECT i.id FROM identity i WHERE i.kind = 'device' AND i.status = 'active'
                    AND i.id IN (SELECT device FROM certificate WHERE valid_before > ? AND authority = 'user')
                    AND NOT EXISTS (SELECT 1 FROM ca_known k WHERE k.device = i.id AND k.fingerprint = ?)
                ORDER BY i.name
                """,
                [.time(now), .bytes(key.bytes)]
            ).map { (row) throws(StoreError) in try row.id(0) }
        }
    }
}
