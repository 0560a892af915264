package import Authority
package import Names
package import SSHFormats

extension Records: Certificates {
    package func certificate(
        _ authority: CertificateAuthority, serial: UInt64
    ) async throws(StoreError) -> IssuedCertificate? {
        try await points.perform { session throws(StoreError) in
            let row = try session.row(
                "SELECT \(IssuedCertificate.columns) FROM certificate WHERE serial = ? AND authority = ?",
                [.bits(serial), .text(authority.rawValue)])
            return try row.map { (row) throws(StoreError) in try IssuedCertificate(row) }
        }
    }

    package func certificates(
        of identity: IdentityID, limit: Int
    ) async throws(StoreError) -> [IssuedCertificate] {
        try await scans.perform { session throws(StoreError) in
            try session.rows(
                """
                SELECT \(IssuedCertificate.columns) FROM certificate WHERE identity = ?
                ORDER BY issued_at DESC, serial DESC LIMIT ?
                """,
                [.id(identity), .integer(Int64(limit))]
            ).map { (row) throws(StoreError) in try IssuedCertificate(row) }
        }
    }

    package func reserveSerials(
        node: String, count: UInt64
    ) async throws(StoreError) -> ClosedRange<UInt64> {
        try await commits.perform { [run] group throws(StoreError) in
            try SerialBlock.reserve(group, node: node, run: run, count: count)
        }
    }

    package func revoked(
        _ authority: CertificateAuthority, at now: UnixTime
    ) async throws(StoreError) -> RevokedNow {
        try await scans.perform { session throws(StoreError) in
            // Serials are one sequence for all authorities: those that were lost are lost to each.
            var ranges = try session.rows("SELECT first_serial, last_serial FROM void_serials").map {
                (row) throws(StoreError) in try row.bits(0)...(try row.bits(1))
            }
            let serials = try session.rows(
                "SELECT serial FROM revoked_serial WHERE authority = ? AND valid_before > ?",
                [.text(authority.rawValue), .time(now)])
            for row in serials { ranges.append(try row.bits(0)...(try row.bits(0))) }
            let keys = try session.rows("SELECT fingerprint FROM revoked_key").map {
                (row) throws(StoreError) in try row.fingerprint(0)
            }
            return RevokedNow(serials: ranges.merged(), keys: Set(keys))
        }
    }

    package func endingSessions(at now: UnixTime) async throws(StoreError) -> RevokedNow {
        try await scans.perform { session throws(StoreError) in
            let serials = try session.rows(
                "SELECT serial FROM revoked_serial WHERE sessions_until > ? AND authority <> 'host'",
                [.time(now)]
            ).map { (row) throws(StoreError) in try row.bits(0)...(try row.bits(0)) }
            let keys = try session.rows(
                "SELECT fingerprint FROM revoked_key WHERE sessions_until > ?", [.time(now)]
            ).map { (row) throws(StoreError) in try row.fingerprint(0) }
            return RevokedNow(serials: serials.merged(), keys: Set(keys))
        }
    }

    package func standing(of key: Fingerprint) async throws(StoreError) -> KeyStanding {
        guard presence.keys.mayHold(key.bytes) else {
            return KeyStanding(isRevoked: false, holder: nil, owner: nil)
        }
        return try await points.perform { session throws(StoreError) in
            let row = try session.row(
                """
                SELECT (SELECT count(*) FROM revoked_key WHERE fingerprint = ?),
                    (SELECT identity FROM registered_key WHERE fingerprint = ?),
                    (SELECT i.owner FROM registered_key k JOIN identity i ON i.id = k.identity WHERE k.fingerprint = ?)
                """,
                [.bytes(key.bytes), .bytes(key.bytes), .bytes(key.bytes)])
            guard let row else { throw .unreadable("no standing of a key") }
            return KeyStanding(
                isRevoked: try row.integer(0) > 0,
                holder: try row.optional(1) { (row, column) throws(StoreError) in try row.id(column) },
                owner: try row.optional(2) { (row, column) throws(StoreError) in try row.id(column) })
        }
    }

    package func hostStateVersion() async throws(StoreError) -> UInt64 {
        try await points.perform { session throws(StoreError) in
            try session.row("SELECT value FROM counter WHERE name = 'hostState'", [])?.count(0) ?? 0
        }
    }
}

extension [ClosedRange<UInt64>] {
    /// The same numbers in rising order, with as few ranges as can be.
    func merged() -> [ClosedRange<UInt64>] {
        var merged: [ClosedRange<UInt64>] = []
        for range in sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let last = merged.last, range.lowerBound == 0 || range.lowerBound - 1 <= last.upperBound
            else {
                merged.append(range)
                continue
            }
            merged[merged.count - 1] = last.lowerBound...Swift.max(last.upperBound, range.upperBound)
        }
        return merged
    }
}
