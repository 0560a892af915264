import Authority
import Names
import SSHFormats

extension CommitGroup {
    func keep(_ request: PasskeyRequest) throws(StoreError) {
        try session.send(
            "DELETE FROM passkey_request WHERE asked_at < ?",
            [.time(request.askedAt.advanced(by: -Int64(PasskeyRequest.kept)))])
        let marks = request.values.map { _ in "?" }.joined(separator: ", ")
        try require(
            .exists,
            "INSERT INTO passkey_request (\(PasskeyRequest.columns)) VALUES (\(marks)) ON CONFLICT DO NOTHING",
            request.values)
    }

    func move(
        passkeyRequest id: String, to state: PasskeyRequest.State, _ proof: PasskeyRequest.Proof?
    ) throws(StoreError) {
        let sources = state.sources.map { _ in "?" }.joined(separator: ", ")
        guard !sources.isEmpty else { throw .conflict(.stepUsed) }
        try require(
            .stepUsed,
            """
            UPDATE passkey_request SET state = ?, proven = coalesce(?, proven), proof = coalesce(?, proof)
            WHERE id = ? AND state IN (\(sources))
            """,
            [.text(state.rawValue), .id(proof?.person), .bytes(proof?.bytes), .text(id)]
                + state.sources.map { .text($0.rawValue) })
    }

    func add(_ passkey: Passkey) throws(StoreError) {
        let marks = passkey.values.map { _ in "?" }.joined(separator: ", ")
        try require(
            .exists,
            "INSERT INTO passkey (\(Passkey.columns)) VALUES (\(marks)) ON CONFLICT DO NOTHING",
            passkey.values)
    }

    func use(passkey id: [UInt8], _ use: PasskeyUse) throws(StoreError) {
        let count = SQLValue.count(UInt64(use.signCount))
        try require(
            .stepUsed,
            """
            UPDATE passkey SET sign_count = ?, backed_up = ?, last_used_at = ?
            WHERE id = ? AND (sign_count < ? OR (sign_count = 0 AND sign_count = ?))
            """,
            [
                count, .count(use.isBackedUp ? 1 : 0), .time(use.at), .bytes(id), count, count,
            ])
    }

    func remove(passkey id: [UInt8], of person: IdentityID) throws(StoreError) {
        try require(
            .missing, "DELETE FROM passkey WHERE id = ? AND identity = ?", [.bytes(id), .id(person)])
    }
}
