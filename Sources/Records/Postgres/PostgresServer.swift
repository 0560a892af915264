import Authority
import Posix

/// What a connection must know of the server that it leads to.
struct PostgresServer: Hashable {
    var version = 0
    /// By which a confirmed commit could be lost.
    var durability: [String: String] = [:]
    var encoding = ""
    var isReadOnly = false
    var role = ""
    var schema: String?
    var mayCreate = false
    /// Grows with every promotion of a standby.
    var timeline: Int64 = 0
    /// PostgreSQL's own name for a primary and all that were copied from it.
    var system = ""
    /// Names this installation in locks and notifications: its schema, hashed by the server.
    var key: Int64 = 0

    static let oldest = 130_000

    /// Milliseconds, each below the next: a node that is frozen inside a transaction is thrown out before those
    /// who wait for it give up, and a statement ends on the server before its node stops listening.
    static let idleTimeout = 2_000
    static let lockTimeout = 2_500
    static let statementTimeout = 3_000
    static let answerTimeout: UInt64 = 5_000

    /// Makes a fresh connection ours, and says what it leads to.
    init(_ link: PostgresLink) throws(LinkError) {
        let deadline = Deadline.after(milliseconds: Self.answerTimeout)
        try link.run(Self.settings, by: deadline)
        guard let row = try link.rows(Self.facts, by: deadline).first else { throw .lost("no facts") }
        do throws(StoreError) { try read(row) } catch { throw .lost("unreadable facts") }
        guard !isReadOnly else { return }
        let end = try link.rows("SELECT pg_walfile_name(pg_current_wal_lsn())", by: deadline).first
        timeline = end.flatMap { try? $0.text(0) }.flatMap { Int64($0.prefix(8), radix: 16) } ?? 0
    }

    init() {}

    private mutating func read(_ row: SQLRow) throws(StoreError) {
        version = Int(try row.integer(0))
        for (column, name) in ["fsync", "full_page_writes", "synchronous_commit"].enumerated() {
            durability[name] = try row.text(1 + column)
        }
        encoding = try row.text(4)
        isReadOnly = try row.integer(5) != 0
        role = try row.text(6)
        schema = try row.optional(7) { (row, column) throws(StoreError) in try row.text(column) }
        mayCreate = try row.integer(8) != 0
        key = try row.integer(9)
        system = try row.text(10)
    }

    /// - Throws: Why the records cannot be kept there.
    func check() throws(PostgresFault) {
        guard version >= Self.oldest else { throw .tooOld(version) }
        guard !isReadOnly else { throw .readOnly }
        for (setting, value) in durability.sorted(by: { $0.key < $1.key }) where value == "off" {
            throw .notDurable(setting: setting, value: value)
        }
        guard encoding == "UTF8" else { throw .encoding(encoding) }
        guard schema != nil, mayCreate else { throw .mayNotCreate(role: role, schema: schema) }
    }

    /// The table by which writers know themselves, which is not the installation's.
    static let writers = "keyreeve_writer"

    /// The channel of this installation's notifications, as SQL: a schema's own.
    static let channel = "'keyreeve.' || hashtext(current_schema())"

    private static let settings = [
        "SET statement_timeout = \(statementTimeout)", "SET lock_timeout = \(lockTimeout)",
        "SET idle_in_transaction_session_timeout = \(idleTimeout)",
        // Every statement has its index; a plan made while a table was empty must not read all of it for ever.
        "SET enable_seqscan = off", "SET jit = off",
    ]

    private static let facts = """
        SELECT current_setting('server_version_num')::bigint, current_setting('fsync'),
            current_setting('full_page_writes'), current_setting('synchronous_commit'),
            current_setting('server_encoding'),
            pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on', current_user::text,
            current_schema()::text, coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
            hashtextextended('keyreeve ' || coalesce(current_schema(), ''), 0),
            (SELECT system_identifier::text FROM pg_control_system())
        """
}
