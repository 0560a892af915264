import Authority
import Names
import SSHFormats

extension CommitGroup {
    func add(_ link: UpstreamLink) throws(StoreError) {
        try require(
            .exists,
            """
            INSERT INTO upstream_link (issuer, subject, identity, linked_at, token, checked_at, asked_at)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (issuer, subject) DO NOTHING
            """,
            [
                .text(link.account.issuer), .text(link.account.subject), .id(link.person),
                .time(link.linkedAt), .bytes(link.token), .time(link.checkedAt), .time(link.askedAt),
            ])
    }

    func remove(_ account: UpstreamSubject) throws(StoreError) {
        try require(
            .missing, "DELETE FROM upstream_link WHERE issuer = ? AND subject = ?",
            [.text(account.issuer), .text(account.subject)])
    }

    func stand(_ account: UpstreamSubject, token: [UInt8]?, at: UnixTime) throws(StoreError) {
        try require(
            .missing,
            """
            UPDATE upstream_link SET token = ?, checked_at = ?, asked_at = NULL
            WHERE issuer = ? AND subject = ?
            """,
            [.bytes(token), .time(at), .text(account.issuer), .text(account.subject)])
    }

    func ask(_ account: UpstreamSubject, since: UnixTime?, at: UnixTime?) throws(StoreError) {
        try require(
            .stepUsed,
            """
            UPDATE upstream_link SET asked_at = ? WHERE issuer = ? AND subject = ? AND coalesce(asked_at, -1) = ?
            """,
            [
                .time(at), .text(account.issuer), .text(account.subject),
                since.map { .time($0) } ?? .integer(-1),
            ])
    }

    /// Moves what is read again only where something changes: every sign-in says the groups anew.
    func set(_ groups: Set<Name>, of id: IdentityID, source: String) throws(StoreError) {
        let place: [SQLValue] = [.id(id), .text(source)]
        let held = try session.rows(
            "SELECT name FROM group_membership WHERE identity = ? AND source = ?", place
        ).map { (row) throws(StoreError) in try row.text(0) }
        guard Set(held) != Set(groups.map(\.text)) else { return }
        try session.send("DELETE FROM group_membership WHERE identity = ? AND source = ?", place)
        for name in groups.sorted() {
            try session.send(
                "INSERT INTO group_membership (identity, source, name) VALUES (?, ?, ?)",
                place + [.text(name.text)])
        }
        let all = try session.rows(
            "SELECT DISTINCT name FROM group_membership WHERE identity = ?", [.id(id)]
        ).map { (row) throws(StoreError) in try row.text(0) }
        try require(
            .missing, "UPDATE identity SET directory_groups = ? WHERE id = ?",
            [.text(try StoredList.write(all.sorted())), .id(id)])
        move([.sessions, .places])
    }
}
