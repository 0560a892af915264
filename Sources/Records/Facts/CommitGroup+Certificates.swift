import Authority
import Names
import SSHFormats

extension CommitGroup {
    func issue(_ issued: IssuedCertificate) throws(StoreError) {
        let certificate = issued.certificate
        let fingerprint = certificate.publicKey.fingerprint
        let values: [SQLValue] = [
            .bits(certificate.serial), .text(issued.authority.rawValue), .id(issued.identity),
            .id(issued.device),
            .text(issued.grant?.text), .text(issued.sessionID), .time(issued.issuedAt),
            .time(certificate.validBefore), .integer(fingerprint.prefix), .bytes(certificate.blob),
        ]
        let serial = SQLValue.bits(certificate.serial)
        // Where one process has all serials, none is voided before that process has ended.
        let signer: [SQLValue] = [
            .text(issued.authority.rawValue), .bytes(certificate.signatureKey.fingerprint.bytes),
        ]
        let added =
            counts.isShared
            ? try session.run(Self.insertUnlessVoid, values + signer + [serial, serial], usually: 1)
            : try session.run(Self.insert, values + signer, usually: 1)
        guard added > 0 else { throw .conflict(try conflict(issued, signer)) }
        try revokeIfDecidedBefore(issued, fingerprint)
    }

    private func conflict(
        _ issued: IssuedCertificate, _ signer: [SQLValue]
    ) throws(StoreError) -> Conflict {
        let found = try session.row(
            "SELECT serial FROM certificate WHERE serial = ? AND authority = ?",
            [.bits(issued.certificate.serial), .text(issued.authority.rawValue)])
        guard found == nil else { return .exists }
        let other = try session.row(
            "SELECT count(*) FROM ca_key WHERE authority = ? AND state = 'signing' AND fingerprint <> ?",
            signer)
        return try other?.count(0) == 0 ? .serialVoid : .caKeyMoved
    }

    private static let columns = """
        INSERT INTO certificate (serial, authority, identity, device, grant_name, session, issued_at, valid_before,
            key_prefix, bytes)
        """
    /// Another key signs for that authority by now: whoever signed this one had not heard of it.
    private static let otherSigns = """
        EXISTS (SELECT 1 FROM ca_key WHERE authority = ? AND state = 'signing' AND fingerprint <> ?)
        """
    private static let insert = """
        \(columns)
        SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT \(otherSigns)
        ON CONFLICT (serial, authority) DO NOTHING
        """
    /// Ranges of void serials do not overlap: the one that begins nearest below decides.
    private static let insertUnlessVoid = """
        \(columns)
        SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT \(otherSigns) AND coalesce((SELECT last_serial FROM void_serials
            WHERE first_serial <= ? ORDER BY first_serial DESC LIMIT 1), -1) < ?
        ON CONFLICT (serial, authority) DO NOTHING
        """

    /// A certificate that was under way while its holder or key was revoked is revoked with the rest.
    private func revokeIfDecidedBefore(_ issued: IssuedCertificate, _ key: Fingerprint) throws(StoreError) {
        let revoked = try session.run(
            """
            INSERT INTO revoked_serial (authority, serial, valid_before, revoked_at) SELECT ?, ?, ?, ?
            WHERE EXISTS (SELECT 1 FROM revoked_identity WHERE identity = ? AND revoked_at >= ?)
                OR EXISTS (SELECT 1 FROM revoked_identity WHERE identity = ? AND revoked_at >= ?)
                OR EXISTS (SELECT 1 FROM revoked_key WHERE fingerprint = ?)
            ON CONFLICT (authority, serial) DO NOTHING
            """,
            [
                .text(issued.authority.rawValue), .bits(issued.certificate.serial),
                .time(issued.certificate.validBefore), .time(issued.issuedAt),
                .id(issued.identity), .time(issued.issuedAt), .id(issued.device), .time(issued.issuedAt),
                .bytes(key.bytes),
            ], usually: 0)
        if revoked > 0 { try moveHostState() }
    }

    func revoke(_ revocation: Revocation) throws(StoreError) {
        try session.send(
            "INSERT INTO revocation (target, reason, revoked_at) VALUES (?, ?, ?)",
            [.text(revocation.target.text), .text(revocation.reason), .time(revocation.at)])
        switch revocation.target {
        case .serial(let authority, let serial): try revoke(authority, serial, at: revocation.at)
        case .key(let fingerprint): try revoke(fingerprint, at: revocation.at)
        case .identity(let id): try revoke(id, at: revocation.at)
        }
        if revocation.endsSessions { try endSessions(of: revocation) }
        try moveHostState()
    }

    /// Hosts hear of it for a day. So long the serials stand in the KRL too, where they have expired: hosts end nothing else.
    private func endSessions(of revocation: Revocation) throws(StoreError) {
        let until = SQLValue.time(revocation.at.advanced(by: Int64(Revocation.sessionOrder)))
        switch revocation.target {
        case .serial(let authority, let serial):
            try session.send(
                """
                UPDATE revoked_serial SET sessions_until = ?,
                    valid_before = CASE WHEN valid_before < ? THEN ? ELSE valid_before END
                WHERE authority = ? AND serial = ?
                """, [until, until, until, .text(authority.rawValue), .bits(serial)])
        case .key(let fingerprint):
            try session.send(
                "UPDATE revoked_key SET sessions_until = ? WHERE fingerprint = ?",
                [until, .bytes(fingerprint.bytes)])
        case .identity(let id):
            let since = revocation.at.advanced(by: -Int64(Revocation.sessionReach))
            try session.send(
                """
                INSERT INTO revoked_serial (authority, serial, valid_before, revoked_at, sessions_until)
                SELECT authority, serial, CASE WHEN valid_before < ? THEN ? ELSE valid_before END, ?, ?
                FROM certificate WHERE valid_before > ? AND (
                    identity = ? OR identity IN (SELECT id FROM identity WHERE owner = ? AND kind = 'device')
                    OR (device = ? AND identity IN (SELECT owner FROM identity WHERE id = ?)))
                ON CONFLICT (authority, serial) DO UPDATE SET sessions_until = excluded.sessions_until,
                    valid_before = CASE WHEN revoked_serial.valid_before < excluded.valid_before
                        THEN excluded.valid_before ELSE revoked_serial.valid_before END
                """,
                [
                    until, until, .time(revocation.at), until, .time(since), .id(id), .id(id), .id(id),
                    .id(id),
                ])
        }
    }

    /// A serial that was never recorded counts as one that runs for ever.
    private func revoke(_ authority: CertificateAuthority, _ serial: UInt64, at: UnixTime) throws(StoreError)
    {
        let found = try session.row(
            "SELECT valid_before FROM certificate WHERE serial = ? AND authority = ?",
            [.bits(serial), .text(authority.rawValue)])
        try session.send(
            """
            INSERT INTO revoked_serial (authority, serial, valid_before, revoked_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (authority, serial) DO NOTHING
            """,
            [.text(authority.rawValue), .bits(serial), try found?.value(0) ?? .time(.forever), .time(at)])
    }

    private func revoke(_ key: Fingerprint, at: UnixTime) throws(StoreError) {
        presence.keys.add(key.bytes, at: now)
        try session.send(
            "INSERT INTO revoked_key (fingerprint, revoked_at) VALUES (?, ?) ON CONFLICT (fingerprint) DO NOTHING",
            [.bytes(key.bytes), .time(at)])
        let running = try session.rows(
            "SELECT authority, bytes FROM certificate WHERE valid_before > ? AND key_prefix = ?",
            [.time(at), .integer(key.prefix)])
        for row in running {
            let blob = try row.bytes(1)
            guard let certificate = try? Certificate(blob: blob) else { throw .unreadable("a certificate") }
            guard certificate.publicKey.fingerprint == key else { continue }
            try revoke(try row.one(CertificateAuthority.self, 0), certificate.serial, at: at)
        }
    }

    /// All that the identity holds, or its devices; for a device, all that names it.
    private func revoke(_ id: IdentityID, at: UnixTime) throws(StoreError) {
        try session.send(
            """
            INSERT INTO revoked_identity (identity, revoked_at)
            SELECT ?, ? UNION SELECT id, ? FROM identity WHERE owner = ? AND kind = 'device'
            ON CONFLICT (identity) DO UPDATE SET revoked_at = excluded.revoked_at
            WHERE revoked_identity.revoked_at < excluded.revoked_at
            """,
            [.id(id), .time(at), .time(at), .id(id)])
        try session.send(
            """
            INSERT INTO revoked_serial (authority, serial, valid_before, revoked_at)
            SELECT authority, serial, valid_before, ? FROM certificate WHERE valid_before > ? AND (
                identity = ? OR identity IN (SELECT id FROM identity WHERE owner = ? AND kind = 'device')
                OR (device = ? AND identity IN (SELECT owner FROM identity WHERE id = ?)))
            ON CONFLICT (authority, serial) DO NOTHING
            """,
            [.time(at), .time(at), .id(id), .id(id), .id(id), .id(id)])
    }
}

extension Fingerprint {
    /// The first 8 bytes, for an index.
    fileprivate var prefix: Int64 { Int64(bitPattern: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }) }
}

extension RevocationTarget {
    fileprivate var text: String {
        switch self {
        case .serial(let authority, let serial): "serial:\(authority.rawValue):\(serial)"
        case .key(let fingerprint): "key:\(fingerprint)"
        case .identity(let id): "identity:\(id)"
        }
    }
}
