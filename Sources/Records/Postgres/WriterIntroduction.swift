import Authority
import Posix

/// Makes a process that writes known to the server.
struct WriterIntroduction {
    private let link: PostgresLink
    private let key: Int64
    private let writer: String
    private let node: String?

    init(_ opened: PostgresDoor.Opened, writer: String, node: String?) {
        (link, key) = (opened.link, opened.server.key)
        (self.writer, self.node) = (writer, node)
    }

    /// Takes the node's name for as long as the connection lasts, and makes the row for this process's marks.
    ///
    /// - Throws: ``PostgresFault/nodeTaken(_:)`` while another process has the name.
    func begin() throws(PostgresFault) {
        // The connection of a process that was killed is noticed within moments.
        let deadline = Deadline.after(milliseconds: 2_000)
        while let node, !(try lock(node)) {
            guard !deadline.isOver else { throw .nodeTaken(node) }
            BlockingThread.pause(milliseconds: 50)
        }
        try asking { () throws(LinkError) in
            // Another node may be making the tables: that may take longer than any other transaction.
            let deadline = Deadline.after(milliseconds: 30_000)
            for sql in ["BEGIN", "SET LOCAL lock_timeout = 20000", "SET LOCAL statement_timeout = 25000"] {
                try link.send(sql)
            }
            try link.send("SELECT pg_advisory_xact_lock(?)", [.integer(key)])
            try link.send(
                """
                CREATE TABLE IF NOT EXISTS keyreeve_writer (
                    writer TEXT PRIMARY KEY, node TEXT, mark BIGINT NOT NULL, asked BIGINT NOT NULL)
                """)
            for answer in try link.answers(by: deadline) { _ = try answer.get() }
            try link.send("DELETE FROM keyreeve_writer WHERE node = ?", [.text(node)])
            try link.send(
                "INSERT INTO keyreeve_writer (writer, node, mark, asked) VALUES (?, ?, 0, 0)",
                [.text(writer), .text(node)])
            try link.send("COMMIT")
            for answer in try link.answers(by: .answer) { _ = try answer.get() }
        }
    }

    /// The mark that the server holds of this process; takes the node's name again if it is free.
    func mark() throws(PostgresFault) -> Int64? {
        if let node { _ = try lock(node) }
        let rows = try asking { () throws(LinkError) in
            try link.rows("SELECT mark FROM keyreeve_writer WHERE writer = ?", [.text(writer)], by: .answer)
        }
        return rows.first.flatMap { try? $0.integer(0) }
    }

    private func lock(_ node: String) throws(PostgresFault) -> Bool {
        let rows = try asking { () throws(LinkError) in
            try link.rows(
                "SELECT pg_try_advisory_lock(hashtext('keyreeve ' || current_schema()), hashtext(?))",
                [.text(node)], by: .answer)
        }
        return rows.first.flatMap { try? $0.integer(0) } == 1
    }

    private func asking<Value>(_ body: () throws(LinkError) -> Value) throws(PostgresFault) -> Value {
        do { return try body() } catch { throw .unreachable(error.reason) }
    }
}
