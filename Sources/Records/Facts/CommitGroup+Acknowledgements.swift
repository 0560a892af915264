import Authority
import Names
import SSHFormats

extension CommitGroup {
    /// Answers to one host may overtake each other: what is kept never goes back. The time at which it was said first
    /// stays with a state for as long as that is what the host enforces.
    func keep(_ said: HostAcknowledgement) throws(StoreError) {
        try session.send(
            """
            INSERT INTO host_acknowledgement AS held
                (host, epoch, version, issued_at, enforced, faults, since, said_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (host) DO UPDATE SET
                since = CASE WHEN held.epoch = excluded.epoch AND held.version = excluded.version
                    AND held.enforced = excluded.enforced THEN held.since ELSE excluded.since END,
                epoch = excluded.epoch, version = excluded.version, issued_at = excluded.issued_at,
                enforced = excluded.enforced, faults = excluded.faults, said_at = excluded.said_at
            WHERE held.epoch < excluded.epoch OR held.epoch = excluded.epoch AND (held.version < excluded.version
                OR held.version = excluded.version AND held.issued_at <= excluded.issued_at)
            """,
            [
                .id(said.host), .count(said.state.epoch), .count(said.state.version), .count(said.issuedAt),
                .integer(said.isEnforced ? 1 : 0), .text(said.faults.joined(separator: " ")), .time(said.at),
                .time(said.at),
            ])
    }

    func forgetAcknowledgement(of host: IdentityID) throws(StoreError) {
        try session.send("DELETE FROM host_acknowledgement WHERE host = ?", [.id(host)])
    }
}
