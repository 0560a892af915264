package import Authority

/// Why an installation was not moved. But for ``lastStep(_:)``, what it was copied into is refused by every server, and
/// the file it was copied from is in force.
package enum MoveError: Error, Hashable, Sendable {
    /// There is something already: this table.
    case notEmpty(table: String)
    /// The source is damaged; says what.
    case damaged(String)
    /// What was copied is not what there was: this differs.
    case differs(String)
    case store(StoreError)
    /// All is there and compared, but whether the target is in force is not known; the source is not.
    case lastStep(StoreError)
}

extension MoveError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notEmpty(let table):
            "the target is not empty (it has a table \(table)): give a database, or a schema of one, without any"
        case .damaged(let what): what
        case .differs(let what):
            "the copy differs from the original (\(what)): nothing was moved; drop the target and try again"
        case .store(let error): "the copy failed (\(error)): nothing was moved; drop the target and try again"
        case .lastStep(let error):
            """
            everything was copied, but the last step failed (\(error)): if the server does not start there, run \
            `reeved export --undo`, drop the target and try again
            """
        }
    }
}
