import Authority

/// A table as it is copied from one engine into another; a test compares the list with the schema.
struct StoredTable: Hashable, Sendable {
    let name: String
    let columns: [String]
    /// What orders its rows in SQLite, without two alike. By `rowid`, that is as they came, where rows refer to others
    /// of the same table.
    let order: [String]
    /// What tells its rows apart in either engine; all columns where two rows may be alike.
    let key: [String]
    /// Rows that are held in memory at once.
    let page: Int

    private init(
        _ name: String, _ columns: [String], by order: [String] = ["rowid"], key: [String]? = nil,
        page: Int = 256
    ) {
        self.name = name
        self.columns = columns
        self.order = order
        self.key = key ?? (order == ["rowid"] ? Array(columns.prefix(1)) : order)
        self.page = page
    }

    /// Those that a fresh schema has rows in; they are replaced.
    static let seeded = ["counter", "ledger_head"]

    /// What is not copied: the schema's own numbers, the row that says how far the move is, and signs of life.
    static let left = ["migration", "keepsake", "node_run"]

    /// Each after those that it refers to.
    static let all = [
        StoredTable(
            "identity",
            [
                "id", "kind", "name", "owner", "status", "login", "aliases", "addresses", "labels",
                "created_at", "status_by", "directory_groups", "login_by",
            ]),
        StoredTable("host_alias", ["alias", "identity"], by: ["alias", "identity"]),
        StoredTable(
            "registered_key",
            [
                "fingerprint", "blob", "identity", "purpose", "state", "origin", "created_at", "predecessor",
                "last_used_at", "last_used_from", "reauthorized_at",
            ]),
        StoredTable(
            "key_state", ["fingerprint", "position", "state", "since"], by: ["fingerprint", "position"]),
        StoredTable(
            "group_membership", ["identity", "source", "name"], by: ["identity", "source", "name"]),
        StoredTable(
            "upstream_link",
            ["issuer", "subject", "identity", "linked_at", "token", "checked_at", "asked_at"],
            by: ["issuer", "subject"]),
        StoredTable("provisioner", ["id", "issuer"]),
        StoredTable(
            "provisioner_token",
            ["id", "provisioner", "token_hash", "made_by", "made_at", "not_after", "ended_at"]),
        StoredTable(
            "provisioned_person",
            [
                "id", "provisioner", "identity", "user_name", "user_key", "external_id", "is_active",
                "formatted", "family_name", "given_name", "display_name", "emails", "version", "created_at",
                "changed_at",
            ]),
        StoredTable(
            "provisioned_group",
            [
                "id", "provisioner", "name", "display_name", "external_id", "version", "created_at",
                "changed_at",
            ]),
        StoredTable("provisioned_member", ["group_id", "person_id"], by: ["group_id", "person_id"]),
        StoredTable("key_source", ["fingerprint", "source", "used_at"], by: ["fingerprint", "source"]),
        StoredTable("policy", ["version", "body", "applied_by", "applied_at", "reason"], page: 8),
        StoredTable(
            "factor_secret", ["identity", "factor", "sealed", "set_at"], by: ["identity", "factor"]),
        StoredTable("recovery_code", ["identity", "hash", "used_at"], by: ["identity", "hash"]),
        StoredTable("notice", ["identity", "kind", "noticed_at", "source"], by: ["identity", "kind"]),
        StoredTable(
            "pending_sign_in",
            ["id", "identity", "number", "bound_to", "source", "asked_at", "decision", "purpose"]),
        StoredTable(
            "passkey",
            [
                "id", "identity", "handle", "algorithm", "public_key", "sign_count", "transports",
                "backup_eligible", "backed_up", "name", "created_at", "last_used_at", "resident_key",
            ]),
        StoredTable(
            "passkey_request",
            [
                "id", "token_hash", "purpose", "number", "challenge", "verification", "bound_to", "source",
                "asked_at", "state", "registers_for", "handle", "name", "proven", "proof",
                "resident_key", "listed",
            ]),
        StoredTable(
            "browser_sign_in",
            [
                "id", "code", "provider", "bound_to", "source", "network", "client", "asked_at", "not_after",
                "turn", "tries", "browser", "state", "attempt", "decision", "arrival",
            ]),
        StoredTable(
            "approval_request",
            [
                "number", "wish", "requester", "device", "grant_name", "group_name", "needed", "policy",
                "host",
                "login", "source", "reason", "document", "asked_at", "not_after", "state", "ended_at",
                "kind", "shown",
            ]),
        StoredTable(
            "approval_vote",
            ["number", "person", "decision", "reason", "fingerprint", "signature", "voted_at"],
            by: ["number", "person"]),
        StoredTable("totp_step", ["identity", "step"], by: ["identity"]),
        StoredTable(
            "enrolment_link",
            ["token_hash", "identity", "made_by", "not_after", "redeemed_by", "completed_at"]),
        StoredTable(
            "session",
            [
                "id", "token_hash", "identity", "device", "factors", "bound_to", "source", "started_at",
                "last_used_at", "ended_at",
            ]),
        StoredTable("attempt", ["id", "account", "factor", "source", "made_at", "cleared"]),
        StoredTable(
            "certificate",
            [
                "serial", "authority", "identity", "device", "grant_name", "session", "issued_at",
                "valid_before", "key_prefix", "bytes",
            ], key: ["serial", "authority"]),
        StoredTable("serial_block", ["first_serial", "last_serial", "node", "run", "is_open"]),
        StoredTable("void_serials", ["first_serial", "last_serial"]),
        StoredTable(
            "revoked_serial", ["authority", "serial", "valid_before", "revoked_at", "sessions_until"],
            by: ["authority", "serial"]),
        StoredTable("revoked_key", ["fingerprint", "revoked_at", "sessions_until"], by: ["fingerprint"]),
        StoredTable("revoked_identity", ["identity", "revoked_at"], by: ["identity"]),
        StoredTable(
            "revocation", ["target", "reason", "revoked_at"], key: ["target", "reason", "revoked_at"]),
        StoredTable("host_clock", ["host", "ahead", "seen_at"], by: ["host"]),
        StoredTable(
            "host_acknowledgement",
            [
                "host", "epoch", "version", "issued_at", "enforced", "faults", "since", "said_at",
                "ended_version", "ended",
            ], by: ["host"]),
        StoredTable(
            "ca_key",
            [
                "position", "authority", "fingerprint", "public_key", "state", "since", "sealed", "epoch",
                "version", "last_expiry", "is_stolen",
            ]),
        StoredTable(
            "ca_waiver", ["fingerprint", "holder", "made_by", "made_at"], by: ["fingerprint", "holder"]),
        StoredTable("ca_known", ["fingerprint", "device", "known_at"], by: ["fingerprint", "device"]),
        StoredTable("counter", ["name", "value"], by: ["name"]),
        StoredTable("event", ["idx", "leaf_hash", "bytes"]),
        StoredTable("ledger_node", ["level", "idx", "hash"], by: ["level", "idx"]),
        StoredTable("ledger_head", ["id", "size", "frontier"]),
        StoredTable("checkpoint", ["size", "note", "root"]),
        StoredTable(
            "claim", ["scope_hash", "body_hash", "reply", "idx", "tree_size", "not_after"], page: 64),
    ]

    /// Rows after the one with that order, each followed by its order.
    var pageAfter: String {
        let order = order.joined(separator: ", ")
        let marks = self.order.map { _ in "?" }.joined(separator: ", ")
        return """
            SELECT \(columns.joined(separator: ", ")), \(order) FROM \(name)
            WHERE (\(order)) > (\(marks)) ORDER BY \(order) LIMIT \(page)
            """
    }

    var firstPage: String {
        let order = order.joined(separator: ", ")
        return
            "SELECT \(columns.joined(separator: ", ")), \(order) FROM \(name) ORDER BY \(order) LIMIT \(page)"
    }

    var insert: String {
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        return "INSERT INTO \(name) (\(columns.joined(separator: ", "))) VALUES (\(marks))"
    }

    /// Rows with how many are like them, then their key; those after the one with that key, or the first where it is
    /// empty.
    func rows(after key: [SQLValue], _ session: any SQLSession) throws(StoreError) -> [SQLRow] {
        let mayBeAlike = self.key == columns
        let (columns, keys) = (columns.joined(separator: ", "), self.key.joined(separator: ", "))
        let marks = key.map { _ in "?" }.joined(separator: ", ")
        return try session.rows(
            """
            SELECT \(columns), \(mayBeAlike ? "count(*)" : "1"), \(keys) FROM \(name)
            \(key.isEmpty ? "" : "WHERE (\(keys)) > (\(marks))")
            \(mayBeAlike ? "GROUP BY \(columns)" : "") ORDER BY \(keys) LIMIT \(page)
            """, key)
    }
}
