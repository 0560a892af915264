/// Why a PostgreSQL server is not taken as the place for the records.
package enum PostgresFault: Error, Hashable, Sendable {
    /// The connection string cannot be used.
    case address(String)
    case unreachable(String)
    /// Its `server_version_num`.
    case tooOld(Int)
    /// A setting by which a confirmed commit could be lost.
    case notDurable(setting: String, value: String)
    case readOnly
    case encoding(String)
    /// The schema in which nothing may be made; nil where there is none.
    case mayNotCreate(role: String, schema: String?)
    /// It does not hold what this process last confirmed: a former primary, or one that lost commits.
    case stale
    /// The file that keeps the timeline over restarts cannot be used.
    case timeline(String)
    /// A server runs under this node's name.
    case nodeTaken(String)
}

extension PostgresFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .address(let reason): "the PostgreSQL address cannot be used: \(reason)"
        case .unreachable(let reason): "PostgreSQL cannot be reached: \(reason)"
        case .tooOld(let version):
            "the server is PostgreSQL \(version / 10_000): version 13 or later is needed"
        case .notDurable(let setting, let value):
            "the server would not keep what it confirms: \(setting) is \(value)"
        case .readOnly: "the server is read-only or a standby: name the primary, or all hosts"
        case .encoding(let encoding): "the database is encoded in \(encoding): make one in UTF8"
        case .mayNotCreate(let role, let schema?):
            "the role \(role) may not make tables in the schema \(schema): GRANT CREATE, USAGE ON SCHEMA \(schema)"
        case .mayNotCreate(let role, nil):
            "the role \(role) has no schema to make tables in: check its search_path"
        case .stale:
            "the server does not hold what was confirmed last: a former primary, or one that lost commits"
        case .timeline(let reason):
            "the file database.timeline cannot be used: \(reason). Delete it only if no former primary can answer"
        case .nodeTaken(let node): "another server runs as node \(node) on this database"
        }
    }
}
