package import Authority
import Ledger

/// Moves an installation out of its SQLite file into an empty database of a server.
///
/// The target bears a mark from its first transaction on, by which no server takes it. It loses the mark after the
/// copy was compared with the original, and after the original got a mark of its own: at no time would both be taken.
package struct Move: Sendable {
    private let source: Records
    private let target: any SQLConnection

    /// - Parameters:
    ///   - source: In nobody else's hands.
    ///   - target: Without any table.
    package init(from source: Records, to target: any SQLConnection) {
        self.source = source
        self.target = target
    }

    /// What was moved.
    package struct Summary: Hashable, Sendable {
        package let events: UInt64
        package let rows: UInt64
        package let root: [UInt8]
        /// The highest serial that was set apart; the next one is above it.
        package let lastSerial: UInt64
    }

    /// - Parameter place: What the target is called where the original says that it was moved; without secrets.
    package func run(naming place: String) async throws(MoveError) -> Summary {
        try await prepare()
        do throws(StoreError) {
            for table in StoredTable.all { try await copy(table) }
            try await copyKeepsake()
        } catch {
            throw .store(error)
        }
        let summary = try await compared()
        do throws(StoreError) {
            try await source.connection.writing { session throws(StoreError) in
                try session.run("UPDATE keepsake SET moved = ? WHERE id = 1", [.text(place)])
            }
        } catch {
            throw .store(error)
        }
        do throws(StoreError) {
            try await target.writing { session throws(StoreError) in
                try session.run("UPDATE keepsake SET moved = NULL WHERE id = 1")
            }
        } catch {
            throw .lastStep(error)
        }
        return summary
    }

    /// Reads the source whole, ends its blocks of serials, and makes the tables.
    private func prepare() async throws(MoveError) {
        do {
            if let damage = try await source.inspect() { throw MoveError.damaged(damage) }
            try await source.commits.perform { group throws(StoreError) in
                try SerialBlock.closeAll(group)
            }
            let (dialect, now) = (target.dialect, source.now())
            let found = try await target.writing { session throws(StoreError) -> String? in
                for row in try session.rows(dialect.tables) {
                    let name = try row.text(0)
                    if name != PostgresServer.writers { return name }
                }
                guard try Schema.present(session) == 0 else { return "migration" }
                try Schema.migrate(session, dialect, from: 0, at: now)
                try session.run("UPDATE keepsake SET moved = ? WHERE id = 1", [.text(Self.unfinished)])
                for table in StoredTable.seeded { try session.run("DELETE FROM \(table)") }
                return nil
            }
            if let found { throw MoveError.notEmpty(table: found) }
        } catch let error as MoveError {
            throw error
        } catch let error as StoreError {
            throw .store(error)
        } catch {
            throw .differs("\(error)")
        }
    }

    /// What the mark of a target says until all is there.
    static let unfinished = "unfinished"

    /// Page by page, each a transaction.
    private func copy(_ table: StoredTable) async throws(StoreError) {
        var last: [SQLValue] = []
        while true {
            let after = last
            let rows = try await source.connection.reading { session throws(StoreError) in
                try session.rows(after.isEmpty ? table.firstPage : table.pageAfter, after)
            }
            guard let end = rows.last else { return }
            last = try end.values(from: table.columns.count, count: table.order.count)
            _ = try await target.writing { session throws(StoreError) in
                for row in rows {
                    try session.send(table.insert, try row.values(from: 0, count: table.columns.count))
                }
            }
        }
    }

    /// All but the mark.
    private func copyKeepsake() async throws(StoreError) {
        let columns = "origin, seal_check, epoch"
        let row = try await source.connection.reading { session throws(StoreError) in
            try session.row("SELECT \(columns) FROM keepsake WHERE id = 1", [])
        }
        guard let row else { throw .unreadable("no keepsake") }
        let values = try row.values(from: 0, count: 3)
        try await target.writing { session throws(StoreError) in
            try session.run("UPDATE keepsake SET origin = ?, seal_check = ?, epoch = ? WHERE id = 1", values)
        }
    }

    /// Computes the target's ledger from its bytes, and compares all rows.
    private func compared() async throws(MoveError) -> Summary {
        do {
            let (head, last) = try await source.connection.reading { session throws(StoreError) in
                let row = try session.row("SELECT coalesce(max(last_serial), 0) FROM serial_block", [])
                return (try LedgerHead(session), try row?.count(0) ?? 0)
            }
            let rows = try await counted()
            var walk = LedgerWalk()
            var walked = 1
            while walked > 0 {
                let before = walk
                let damage: UInt64?
                (walk, walked, damage) = try await target.reading { session throws(StoreError) in
                    var walk = before
                    let (walked, damage) = try walk.step(session)
                    return (walk, walked, damage)
                }
                if let damage { throw MoveError.differs("the ledger at index \(damage)") }
            }
            guard walk.tree.size == head.size, walk.tree.root == head.root,
                walk.tree.frontier == head.frontier
            else { throw MoveError.differs("the root of the ledger") }
            return Summary(events: head.size, rows: rows, root: head.root.bytes, lastSerial: last)
        } catch let error as MoveError {
            throw error
        } catch let error as StoreError {
            throw .store(error)
        } catch {
            throw .differs("\(error)")
        }
    }

    /// Reads every row of both.
    ///
    /// - Returns: How many there are.
    private func counted() async throws -> UInt64 {
        var all: UInt64 = 0
        for table in StoredTable.all {
            let there = try await TableDigest(of: table, in: source.connection)
            let here = try await TableDigest(of: table, in: target)
            guard here.rows == there.rows else {
                throw MoveError.differs("\(table.name) has \(here.rows) rows instead of \(there.rows)")
            }
            guard here == there else { throw MoveError.differs("the rows of \(table.name)") }
            all += there.rows
        }
        return all
    }
}

extension Records {
    /// Takes a file back into use that was moved: what was done at the other place since then is not in it.
    package func forgetMove() async throws(StoreError) {
        try await commits.perform { group throws(StoreError) in
            _ = try group.session.run("UPDATE keepsake SET moved = NULL WHERE id = 1")
        }
    }
}

extension SQLRow {
    func values(from first: Int, count: Int) throws(StoreError) -> [SQLValue] {
        var values: [SQLValue] = []
        for column in first..<(first + count) { values.append(try value(column)) }
        return values
    }
}

extension SQLConnection {
    func reading<Result: Sendable>(_ work: @escaping SQLWork<Result>) async throws(StoreError) -> Result {
        let outcome = await withCheckedContinuation {
            (caller: CheckedContinuation<ReadOutcome<Result>, Never>) in
            read(.scans, work) { caller.resume(returning: $0) }
        }
        switch outcome {
        case .done(let result): return result
        case .failed(let error): throw error
        }
    }

    @discardableResult
    func writing<Result: Sendable>(_ work: @escaping SQLWork<Result>) async throws(StoreError) -> Result {
        let outcome = await withCheckedContinuation {
            (caller: CheckedContinuation<WriteOutcome<Result>, Never>) in
            write(work) { caller.resume(returning: $0) }
        }
        switch outcome {
        case .committed(let result): return result
        case .rolledBack(let error), .unknown(let error), .unresolved(let error): throw error
        }
    }
}
