import Authority
import Names
import SSHFormats

extension CommitGroup {
    /// The former codes are gone: nobody needs to know that one of them was.
    func set(recoveryCodes hashes: [[UInt8]], of id: IdentityID) throws(StoreError) {
        try session.send("DELETE FROM recovery_code WHERE identity = ?", [.id(id)])
        for hash in hashes {
            try session.send(
                "INSERT INTO recovery_code (identity, hash, used_at) VALUES (?, ?, NULL)",
                [.id(id), .bytes(hash)])
        }
    }

    func use(recoveryCode hash: [UInt8], of id: IdentityID, at: UnixTime) throws(StoreError) {
        try require(
            .stepUsed,
            "UPDATE recovery_code SET used_at = ? WHERE identity = ? AND hash = ? AND used_at IS NULL",
            [.time(at), .id(id), .bytes(hash)])
    }

    func keep(_ notice: Notice, for id: IdentityID) throws(StoreError) {
        try session.send(
            """
            INSERT INTO notice (identity, kind, noticed_at, source) VALUES (?, ?, ?, ?)
            ON CONFLICT (identity, kind) DO UPDATE SET noticed_at = excluded.noticed_at, source = excluded.source
            WHERE notice.noticed_at <= excluded.noticed_at
            """,
            [.id(id), .text(notice.kind.rawValue), .time(notice.at), .text(notice.source)])
    }

    func keep(_ pending: PendingSignIn) throws(StoreError) {
        try session.send(
            "DELETE FROM pending_sign_in WHERE identity = ? AND asked_at < ?",
            [.id(pending.identity), .time(pending.askedAt.advanced(by: -86_400))])
        try require(
            .exists,
            """
            INSERT INTO pending_sign_in (\(PendingSignIn.columns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
            """, pending.values)
    }

    func decide(signIn id: String, _ decision: PendingSignIn.Decision) throws(StoreError) {
        let before = decision == .used ? "decision = 'approved'" : "decision IS NULL"
        try require(
            .stepUsed, "UPDATE pending_sign_in SET decision = ? WHERE id = ? AND \(before)",
            [.text(decision.rawValue), .text(id)])
    }

    func set(factors: ProvenFactors, ofSession id: String) throws(StoreError) {
        try session.send(
            "UPDATE session SET factors = ? WHERE id = ? AND ended_at IS NULL",
            [.text(Session.text(factors)), .text(id)])
    }
}
