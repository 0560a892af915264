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
                (host, epoch, version, issued_at, enforced, faults, since, said_at, ended_version, ended)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (host) DO UPDATE SET
                since = CASE WHEN held.epoch = excluded.epoch AND held.version = excluded.version
                    AND held.enforced = excluded.enforced THEN held.since ELSE excluded.since END,
                epoch = excluded.epoch, version = excluded.version, issued_at = excluded.issued_at,
                enforced = excluded.enforced, faults = excluded.faults, said_at = excluded.said_at,
                ended_version = CASE WHEN excluded.ended > 0 THEN excluded.ended_version ELSE held.ended_version END,
                ended = CASE WHEN excluded.ended = 0 OR held.ended_version = excluded.ended_version
                    THEN held.ended + excluded.ended ELSE excluded.ended END
            WHERE held.epoch < excluded.epoch OR held.epoch = excluded.epoch AND (held.version < excluded.version
                OR held.version = excluded.version AND held.issued_at <= excluded.issued_at)
            """,
            [
                .id(said.host), .count(said.state.epoch), .count(said.state.version), .count(said.issuedAt),
                .integer(said.isEnforced ? 1 : 0), .text(said.faults.joined(separator: " ")), .time(said.at),
                .time(said.at), .count(said.ended > 0 ? said.state.version : 0), .count(said.ended),
            ])
    }

    func forgetAcknowledgement(of host: IdentityID) throws(StoreError) {
        try session.send("DELETE FROM host_acknowledgement WHERE host = ?", [.id(host)])
    }
}
