import Authority
import SSHFormats

/// The tables, as numbered steps. A step that was released is never edited: a new one follows it.
struct Schema {
    /// One step: every statement, for an engine.
    typealias Step = @Sendable (SQLDialect) -> [String]

    static let steps: [Step] = [
        first, keepsake, moves, policyReason, runs, inventory, recovery, keyStates,
        pendingSignIns, approvals, directories, oversight, passkeys, browserSignIns, provisioning, recoveries,
        reauthorizations, acknowledgements, caKeys, securityKeys, loginSources, clocks, sessionOrders,
    ]
    static var version: Int { steps.count }

    /// The step that the database stands at; 0 for an empty one.
    static func present(_ session: any SQLSession) throws(StoreError) -> Int {
        try session.run(
            "CREATE TABLE IF NOT EXISTS migration (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)")
        let row = try session.row("SELECT coalesce(max(version), 0) FROM migration", [])
        guard let row else { return 0 }
        return Int(try row.integer(0))
    }

    /// Does every step after `present`.
    static func migrate(
        _ session: any SQLSession, _ dialect: SQLDialect, from present: Int, at now: UnixTime
    ) throws(StoreError) {
        for (position, step) in steps.enumerated() where position >= present {
            for statement in step(dialect) { try session.send(statement, []) }
            try session.run(
                "INSERT INTO migration (version, applied_at) VALUES (?, ?)",
                [.count(UInt64(position + 1)), .time(now)])
        }
    }

    @Sendable private static func first(_ dialect: SQLDialect) -> [String] {
        identities(dialect) + signIn(dialect) + certificates(dialect) + ledger(dialect)
    }

    /// One row: what the rest of the installation is compared with at each start.
    @Sendable private static func keepsake(_ dialect: SQLDialect) -> [String] {
        [
            """
            CREATE TABLE keepsake (
                id \(dialect.key) PRIMARY KEY, origin TEXT, seal_check \(dialect.blob), epoch BIGINT NOT NULL)
            """,
            "INSERT INTO keepsake (id, origin, seal_check, epoch) VALUES (1, NULL, NULL, 1)",
        ]
    }

    /// Null while the database is in force. Else where everything went, or that not everything has come yet (``Move``).
    @Sendable private static func moves(_ dialect: SQLDialect) -> [String] {
        ["ALTER TABLE keepsake ADD COLUMN moved TEXT"]
    }

    /// Why a policy was applied.
    @Sendable private static func policyReason(_ dialect: SQLDialect) -> [String] {
        ["ALTER TABLE policy ADD COLUMN reason TEXT"]
    }

    /// Signs of life of the processes that hold blocks of serials, where there are several.
    @Sendable private static func runs(_ dialect: SQLDialect) -> [String] {
        [
            """
            CREATE TABLE node_run (
                run TEXT PRIMARY KEY, node TEXT NOT NULL, beat BIGINT NOT NULL)\(dialect.clustered)
            """,
            "CREATE INDEX serial_block_open ON serial_block (run) WHERE is_open = 1",
        ]
    }

    /// Who set a status; when and where a key was used last, and which one it followed.
    @Sendable private static func inventory(_ dialect: SQLDialect) -> [String] {
        [
            "ALTER TABLE identity ADD COLUMN status_by TEXT",
            "ALTER TABLE registered_key ADD COLUMN predecessor \(dialect.blob)",
            "ALTER TABLE registered_key ADD COLUMN last_used_at BIGINT",
            "ALTER TABLE registered_key ADD COLUMN last_used_from TEXT",
            "CREATE INDEX registered_key_by_predecessor ON registered_key (predecessor)",
        ]
    }

    /// Recovery codes, each for one use, and what persons are to know.
    @Sendable private static func recovery(_ dialect: SQLDialect) -> [String] {
        let (blob, text, clustered) = (dialect.blob, dialect.text, dialect.clustered)
        return [
            """
            CREATE TABLE recovery_code (
                identity \(text) NOT NULL REFERENCES identity (id), hash \(blob) NOT NULL, used_at BIGINT,
                PRIMARY KEY (identity, hash))\(clustered)
            """,
            """
            CREATE TABLE notice (
                identity \(text) NOT NULL REFERENCES identity (id), kind \(text) NOT NULL,
                noticed_at BIGINT NOT NULL, source TEXT NOT NULL, PRIMARY KEY (identity, kind))\(clustered)
            """,
        ]
    }

    /// What became of keys, and when. Keys were registered as active before there was a choice.
    @Sendable private static func keyStates(_ dialect: SQLDialect) -> [String] {
        [
            """
            CREATE TABLE key_state (
                fingerprint \(dialect.blob) NOT NULL REFERENCES registered_key (fingerprint),
                position BIGINT NOT NULL, state TEXT NOT NULL, since BIGINT NOT NULL,
                PRIMARY KEY (fingerprint, position))\(dialect.clustered)
            """,
            """
            INSERT INTO key_state (fingerprint, position, state, since)
            SELECT fingerprint, 1, 'active', created_at FROM registered_key
            """,
        ]
    }

    /// Sign-ins that wait for another device of the person.
    @Sendable private static func pendingSignIns(_ dialect: SQLDialect) -> [String] {
        [
            """
            CREATE TABLE pending_sign_in (
                id \(dialect.text) PRIMARY KEY, identity \(dialect.text) NOT NULL REFERENCES identity (id),
                number TEXT NOT NULL, bound_to \(dialect.blob) NOT NULL, source TEXT NOT NULL,
                asked_at BIGINT NOT NULL, decision TEXT)
            """,
            "CREATE INDEX pending_sign_in_by_identity ON pending_sign_in (identity, asked_at)",
        ]
    }

    /// Requests that other people must agree to, and what they say.
    @Sendable private static func approvals(_ dialect: SQLDialect) -> [String] {
        let (blob, text, clustered) = (dialect.blob, dialect.text, dialect.clustered)
        return [
            """
            CREATE TABLE approval_request (
                number \(dialect.key) PRIMARY KEY, wish \(blob) NOT NULL,
                requester \(text) NOT NULL REFERENCES identity (id), device TEXT, grant_name TEXT NOT NULL,
                group_name TEXT NOT NULL, needed BIGINT NOT NULL, policy BIGINT NOT NULL, host TEXT,
                login TEXT NOT NULL, source TEXT NOT NULL, reason TEXT, document TEXT NOT NULL,
                asked_at BIGINT NOT NULL, not_after BIGINT NOT NULL, state TEXT NOT NULL, ended_at BIGINT)
            """,
            "CREATE INDEX approval_request_by_requester ON approval_request (requester, state)",
            "CREATE INDEX approval_request_by_end ON approval_request (state, not_after)",
            """
            CREATE TABLE approval_vote (
                number BIGINT NOT NULL REFERENCES approval_request (number),
                person \(text) NOT NULL REFERENCES identity (id), decision TEXT NOT NULL, reason TEXT,
                fingerprint \(blob) NOT NULL, signature TEXT NOT NULL, voted_at BIGINT NOT NULL,
                PRIMARY KEY (number, person))\(clustered)
            """,
        ]
    }

    private static func identities(_ dialect: SQLDialect) -> [String] {
        let (blob, text, clustered) = (dialect.blob, dialect.text, dialect.clustered)
        return [
            """
            CREATE TABLE identity (
                id \(text) PRIMARY KEY, kind TEXT NOT NULL, name \(text) NOT NULL,
                owner \(text) REFERENCES identity (id), status TEXT NOT NULL, login TEXT,
                aliases TEXT NOT NULL, addresses TEXT NOT NULL, labels TEXT NOT NULL, created_at BIGINT NOT NULL)
            """,
            "CREATE INDEX identity_by_name ON identity (kind, name)",
            "CREATE INDEX identity_by_owner ON identity (owner)",
            // Everything that a host answers to: its name, aliases and addresses.
            """
            CREATE TABLE host_alias (
                alias \(text) NOT NULL, identity \(text) NOT NULL REFERENCES identity (id),
                PRIMARY KEY (alias, identity))\(clustered)
            """,
            "CREATE INDEX host_alias_by_identity ON host_alias (identity)",
            """
            CREATE TABLE registered_key (
                fingerprint \(blob) PRIMARY KEY, blob \(blob) NOT NULL,
                identity \(text) NOT NULL REFERENCES identity (id), purpose TEXT NOT NULL, state TEXT NOT NULL,
                origin TEXT NOT NULL, created_at BIGINT NOT NULL)
            """,
            "CREATE INDEX registered_key_by_identity ON registered_key (identity, created_at)",
            """
            CREATE TABLE policy (
                version \(dialect.key) PRIMARY KEY, body TEXT NOT NULL, applied_by TEXT, applied_at BIGINT NOT NULL)
            """,
        ]
    }

    private static func signIn(_ dialect: SQLDialect) -> [String] {
        let (blob, text, clustered) = (dialect.blob, dialect.text, dialect.clustered)
        return [
            """
            CREATE TABLE factor_secret (
                identity \(text) NOT NULL REFERENCES identity (id), factor TEXT NOT NULL, sealed \(blob) NOT NULL,
                PRIMARY KEY (identity, factor))\(clustered)
            """,
            """
            CREATE TABLE totp_step (
                identity \(text) PRIMARY KEY REFERENCES identity (id), step BIGINT NOT NULL)\(clustered)
            """,
            """
            CREATE TABLE enrolment_link (
                token_hash \(blob) PRIMARY KEY, identity \(text) NOT NULL REFERENCES identity (id), made_by TEXT,
                not_after BIGINT NOT NULL, redeemed_by \(blob), completed_at BIGINT)
            """,
            """
            CREATE TABLE session (
                id \(text) PRIMARY KEY, token_hash \(blob) NOT NULL UNIQUE,
                identity \(text) NOT NULL REFERENCES identity (id), device \(text) REFERENCES identity (id),
                factors TEXT NOT NULL, bound_to \(blob) NOT NULL, source TEXT NOT NULL,
                started_at BIGINT NOT NULL, last_used_at BIGINT NOT NULL, ended_at BIGINT)
            """,
            "CREATE INDEX session_by_identity ON session (identity)",
            "CREATE INDEX session_by_device ON session (device)",
            // One row per comparison that was reserved and not given back.
            """
            CREATE TABLE attempt (
                id \(dialect.key) PRIMARY KEY, account \(text) NOT NULL, factor TEXT NOT NULL, source TEXT NOT NULL,
                made_at BIGINT NOT NULL, cleared BIGINT NOT NULL)
            """,
            "CREATE INDEX attempt_by_account ON attempt (account, factor, made_at)",
            "CREATE INDEX attempt_by_time ON attempt (made_at)",
        ]
    }

    private static func certificates(_ dialect: SQLDialect) -> [String] {
        let (blob, text, clustered) = (dialect.blob, dialect.text, dialect.clustered)
        return [
            // key_prefix: the first 8 bytes of the certified key's fingerprint; the index grows at its end.
            """
            CREATE TABLE certificate (
                serial BIGINT NOT NULL, authority TEXT NOT NULL, identity \(text) NOT NULL, device \(text),
                grant_name TEXT, session TEXT, issued_at BIGINT NOT NULL, valid_before BIGINT NOT NULL,
                key_prefix BIGINT NOT NULL, bytes \(blob) NOT NULL, PRIMARY KEY (serial, authority))
            """,
            "CREATE INDEX certificate_by_identity ON certificate (identity, issued_at, valid_before)",
            "CREATE INDEX certificate_by_validity ON certificate (valid_before, key_prefix)",
            // run: one life of a process; a block of another run of the same node was left open by a death.
            """
            CREATE TABLE serial_block (
                first_serial \(dialect.key) PRIMARY KEY, last_serial BIGINT NOT NULL, node TEXT NOT NULL,
                run TEXT NOT NULL, is_open BIGINT NOT NULL)
            """,
            "CREATE INDEX serial_block_by_node ON serial_block (node, is_open)",
            "CREATE TABLE void_serials (first_serial \(dialect.key) PRIMARY KEY, last_serial BIGINT NOT NULL)",
            """
            CREATE TABLE revoked_serial (
                authority TEXT NOT NULL, serial BIGINT NOT NULL, valid_before BIGINT NOT NULL,
                revoked_at BIGINT NOT NULL, PRIMARY KEY (authority, serial))\(clustered)
            """,
            "CREATE INDEX revoked_serial_by_validity ON revoked_serial (authority, valid_before, serial)",
            """
            CREATE TABLE revoked_key (
                fingerprint \(blob) PRIMARY KEY, revoked_at BIGINT NOT NULL)\(clustered)
            """,
            """
            CREATE TABLE revoked_identity (
                identity \(text) PRIMARY KEY, revoked_at BIGINT NOT NULL)\(clustered)
            """,
            """
            CREATE TABLE revocation (
                target TEXT NOT NULL, reason TEXT NOT NULL, revoked_at BIGINT NOT NULL)
            """,
            "CREATE TABLE counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL)\(clustered)",
            "INSERT INTO counter (name, value) VALUES ('hostState', 0)",
        ]
    }

    private static func ledger(_ dialect: SQLDialect) -> [String] {
        let (blob, clustered) = (dialect.blob, dialect.clustered)
        return [
            """
            CREATE TABLE event (
                idx \(dialect.key) PRIMARY KEY, leaf_hash \(blob) NOT NULL, bytes \(blob) NOT NULL)
            """,
            """
            CREATE TABLE ledger_node (
                level BIGINT NOT NULL, idx BIGINT NOT NULL, hash \(blob) NOT NULL,
                PRIMARY KEY (level, idx))\(clustered)
            """,
            """
            CREATE TABLE ledger_head (
                id \(dialect.key) PRIMARY KEY, size BIGINT NOT NULL, frontier \(blob) NOT NULL)
            """,
            "INSERT INTO ledger_head (id, size, frontier) VALUES (1, 0, \(dialect.emptyBlob))",
            "CREATE TABLE checkpoint (size \(dialect.key) PRIMARY KEY, note TEXT NOT NULL, root \(blob) NOT NULL)",
            """
            CREATE TABLE claim (
                scope_hash \(blob) PRIMARY KEY, body_hash \(blob) NOT NULL, reply \(blob) NOT NULL,
                idx BIGINT, tree_size BIGINT, not_after BIGINT NOT NULL)
            """,
            "CREATE INDEX claim_by_end ON claim (not_after)",
        ]
    }
}
