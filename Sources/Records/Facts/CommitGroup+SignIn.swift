import Authority
import Names
import SSHFormats

extension CommitGroup {
    /// - Parameter moment: nil where nobody says when; then it is not written down.
    func set(
        _ factor: Factor, of id: IdentityID, sealed: [UInt8], at moment: UnixTime?
    ) throws(StoreError) {
        try session.send(
            """
            INSERT INTO factor_secret (identity, factor, sealed, set_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (identity, factor) DO UPDATE SET sealed = excluded.sealed, set_at = excluded.set_at
            """,
            [.id(id), .text(factor.rawValue), .bytes(sealed), .time(moment)])
        guard factor == .totp else { return }
        try session.send("DELETE FROM totp_step WHERE identity = ?", [.id(id)])
    }

    func take(step: UInt64, of id: IdentityID) throws(StoreError) {
        try require(
            .stepUsed,
            """
            INSERT INTO totp_step (identity, step) VALUES (?, ?)
            ON CONFLICT (identity) DO UPDATE SET step = excluded.step WHERE totp_step.step < excluded.step
            """,
            [.id(id), .count(step)])
    }

    func make(_ link: EnrolmentLink) throws(StoreError) {
        try require(
            .exists,
            """
            INSERT INTO enrolment_link (token_hash, identity, made_by, not_after, redeemed_by, completed_at)
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (token_hash) DO NOTHING
            """,
            [
                .bytes(link.tokenHash), .id(link.identity), .id(link.madeBy), .time(link.notAfter),
                .bytes(link.redeemedBy?.bytes), .time(link.completedAt),
            ])
        try endOthers(than: link.tokenHash)
    }

    func redeem(_ tokenHash: [UInt8], by key: Fingerprint, at: UnixTime) throws(StoreError) {
        try require(
            .linkUsed,
            """
            UPDATE enrolment_link SET redeemed_by = ?
            WHERE token_hash = ? AND completed_at IS NULL AND not_after >= ?
                AND (redeemed_by IS NULL OR redeemed_by = ?)
            """,
            [.bytes(key.bytes), .bytes(tokenHash), .time(at), .bytes(key.bytes)])
    }

    func complete(_ tokenHash: [UInt8], by key: Fingerprint, at: UnixTime) throws(StoreError) {
        try require(
            .linkUsed,
            """
            UPDATE enrolment_link SET completed_at = ?
            WHERE token_hash = ? AND redeemed_by = ? AND completed_at IS NULL
            """,
            [.time(at), .bytes(tokenHash), .bytes(key.bytes)])
        try endOthers(than: tokenHash)
    }

    /// One identity has one open link. The ledger keeps that there were others; nobody needs their tokens.
    private func endOthers(than tokenHash: [UInt8]) throws(StoreError) {
        try session.run(
            """
            DELETE FROM enrolment_link WHERE completed_at IS NULL AND token_hash <> ?
                AND identity = (SELECT identity FROM enrolment_link WHERE token_hash = ?)
            """,
            [.bytes(tokenHash), .bytes(tokenHash)])
    }

    func start(_ started: Session, tokenHash: [UInt8]) throws(StoreError) {
        try require(
            .sessionMade,
            """
            INSERT INTO session
                (id, identity, device, factors, bound_to, source, started_at, last_used_at, ended_at, token_hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            started.values + [.bytes(tokenHash)])
        try endBeyond(most: mostSessions, of: started.identity, at: started.startedAt)
    }

    /// Those used longest ago end, so that who signs in can always work.
    private func endBeyond(most: Int, of id: IdentityID, at: UnixTime) throws(StoreError) {
        let open = "SELECT id FROM session WHERE identity = ? AND ended_at IS NULL"
        let ended = try session.run(
            """
            UPDATE session SET ended_at = ? WHERE id IN
                (\(open) ORDER BY last_used_at DESC, started_at DESC, id LIMIT 1000000 OFFSET ?)
            """,
            [.time(at), .id(id), .integer(Int64(most))], usually: 0)
        if ended > 0 { move(.sessions) }
    }

    func use(session id: String, at: UnixTime) throws(StoreError) {
        try session.send(
            "UPDATE session SET last_used_at = ? WHERE id = ? AND last_used_at < ?",
            [.time(at), .text(id), .time(at)])
    }

    func end(session id: String, at: UnixTime) throws(StoreError) {
        try session.send(
            "UPDATE session SET ended_at = ? WHERE id = ? AND ended_at IS NULL", [.time(at), .text(id)])
    }

    func endSessions(of id: IdentityID, at: UnixTime) throws(StoreError) {
        try session.send(
            """
            UPDATE session SET ended_at = ? WHERE ended_at IS NULL AND (identity = ? OR device = ?
                OR identity IN (SELECT id FROM identity WHERE owner = ? AND kind = 'device')
                OR device IN (SELECT id FROM identity WHERE owner = ? AND kind = 'device'))
            """,
            [.time(at), .id(id), .id(id), .id(id), .id(id)])
    }
}
