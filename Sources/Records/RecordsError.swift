/// Why the records cannot be opened.
package enum RecordsError: Error, Hashable, Sendable {
    /// Another process has this database open.
    case inUse(path: String)
    /// Commits would not outlive a loss of power: these are the engine's settings.
    case notDurable(SQLiteConnection.Settings)
    /// A later version of the program wrote this database.
    case newerSchema(found: Int, known: Int)
    /// The ledger was altered: the first index that is wrong.
    case damaged(index: UInt64)
    /// The engine finds its own file damaged; says what.
    case unsound(String)
    /// This PostgreSQL server is not taken.
    case postgres(PostgresFault)
    /// Everything was moved to another database.
    case movedAway(to: String)
    /// A move into this database did not end.
    case halfMoved
    /// The engine failed; for the log.
    case engine(reason: String)
}

extension RecordsError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .inUse(let path): "another process has \(path) open; only one may"
        case .notDurable(let settings): "the database would not keep what it confirms: \(settings)"
        case .newerSchema(let found, let known):
            "the database has schema \(found), this program knows \(known): start a newer one"
        case .damaged(let index): "the ledger is damaged at index \(index): restore a backup"
        case .unsound(let what): "the database file is damaged (\(what)): restore a backup"
        case .postgres(let fault): fault.description
        case .movedAway(let place):
            "this installation was moved to \(place): name that as server.database (the way back: reeved export --undo)"
        case .halfMoved:
            "a move into this database did not end: start on the former one, and drop this one before the next attempt"
        case .engine(let reason): "the database cannot be used: \(reason)"
        }
    }
}
