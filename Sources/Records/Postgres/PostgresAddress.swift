import CPQ
import Glibc

/// Where the database is: a connection string of PostgreSQL (manual, 34.1.1.2). What it prints has no password.
package struct PostgresAddress: Sendable {
    /// Seconds for connecting to one host.
    static let connectSeconds = 2

    /// The settings that the string makes, by libpq's keywords.
    private let settings: [String: String]
    /// Every host, each to be tried on its own.
    let hosts: [Host]

    /// - Throws: ``PostgresFault/address(_:)`` for what is no such string, or lets a server that is read-only answer.
    package init(_ text: String) throws(PostgresFault) {
        guard Self.isAddress(text) else { throw .address("it does not begin with postgresql://") }
        settings = try Self.completed(try Self.parsed(text))
        hosts = try Self.hosts(settings)
    }

    /// How much of TLS is asked for; nil leaves it to libpq.
    var sslmode: String? { settings["sslmode"] }

    package static func isAddress(_ text: String) -> Bool {
        text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
    }

    /// Whether a password stands in it: it must not be seen in a list of processes.
    package var holdsPassword: Bool { settings["password"] != nil || settings["sslpassword"] != nil }

    private static func parsed(_ text: String) throws(PostgresFault) -> [String: String] {
        // libpq's own complaint may quote a piece of the password.
        guard let options = unsafe PQconninfoParse(text, nil) else {
            throw .address("it is not well formed (reserved characters are written as %XX)")
        }
        defer { unsafe PQconninfoFree(options) }
        var settings: [String: String] = [:]
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                settings[unsafe String(cString: keyword)] = unsafe String(cString: value)
            }
            unsafe option += 1
        }
        return settings
    }

    private static func completed(_ given: [String: String]) throws(PostgresFault) -> [String: String] {
        var settings = given
        let kind = settings["target_session_attrs"] ?? "read-write"
        guard kind == "read-write" || kind == "primary" else {
            throw .address("target_session_attrs is \(kind): decisions are never read from a replica")
        }
        settings["target_session_attrs"] = kind
        settings["client_encoding"] = "UTF8"
        // Over a network nobody but the named server may answer, unless it is said otherwise.
        if settings["sslmode"] == nil, !isLocal(settings) { settings["sslmode"] = "verify-full" }
        for (keyword, value) in [
            "connect_timeout": "\(connectSeconds)", "fallback_application_name": "keyreeve",
            // A server that vanished without a word is noticed in seconds, not hours.
            "keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "3",
            "tcp_user_timeout": "5000",
        ] where settings[keyword] == nil { settings[keyword] = value }
        return settings
    }

    private static func isLocal(_ settings: [String: String]) -> Bool {
        guard settings["service"] == nil else { return true }
        let names = [settings["host"], settings["hostaddr"]].compactMap(\.self).joined(separator: ",")
        return names.split(separator: ",").allSatisfy {
            $0.hasPrefix("/") || ["localhost", "127.0.0.1", "::1"].contains($0)
        }
    }

    private static func hosts(_ settings: [String: String]) throws(PostgresFault) -> [Host] {
        func list(_ keyword: String) -> [String] {
            guard let text = settings[keyword] else { return [] }
            return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let lists = ["host", "hostaddr", "port"].map { (keyword: $0, values: list($0)) }
        let count = lists.map(\.values.count).max() ?? 0
        guard lists.allSatisfy({ $0.values.count <= 1 || $0.values.count == count }) else {
            throw .address("hosts and ports differ in number")
        }
        return (0..<max(count, 1)).map { position in
            var host = settings
            for (keyword, values) in lists {
                host[keyword] = values.isEmpty ? nil : values.count == 1 ? values[0] : values[position]
            }
            return Host(settings: host)
        }
    }

    /// One server to connect to.
    struct Host: Sendable {
        fileprivate let settings: [String: String]

        /// A new connection, made or not; nil without memory. Whoever calls ends it with PQfinish.
        func connect() -> OpaquePointer? {
            var keywords = unsafe settings.keys.map { unsafe UnsafePointer(strdup($0)) } + [nil]
            var values = unsafe settings.values.map { unsafe UnsafePointer(strdup($0)) } + [nil]
            defer {
                while let text = unsafe keywords.popLast() {
                    unsafe free(UnsafeMutablePointer(mutating: text))
                }
                while let text = unsafe values.popLast() { unsafe free(UnsafeMutablePointer(mutating: text)) }
            }
            return unsafe PQconnectdbParams(&keywords, &values, 0)
        }

        var name: String { settings["host"] ?? settings["hostaddr"] ?? "the default host" }
    }
}

extension PostgresAddress: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String {
        let names = hosts.map(\.name).joined(separator: ",")
        return "postgresql://\(names)/\(settings["dbname"] ?? "")"
    }
    package var debugDescription: String { description }
}
