import Authority
import Names

extension Identity {
    /// The columns that ``init(_:from:)`` reads, in its order, of the table by that name.
    static func columns(_ table: String) -> String {
        [
            "id", "owner", "status", "login", "aliases", "addresses", "labels", "created_at", "status_by",
            "directory_groups", "login_by",
        ]
        .map { "\(table).\($0)" }.joined(separator: ", ")
    }
    static let columnCount = 11

    init(_ row: SQLRow, from first: Int = 0) throws(StoreError) {
        self.init(
            id: try row.id(first),
            owner: try row.optional(first + 1) { (row, column) throws(StoreError) in try row.id(column) },
            status: try row.one(IdentityStatus.self, first + 2),
            attributes: try IdentityAttributes(row, from: first + 3, loginBy: first + 10),
            createdAt: try row.time(first + 7),
            statusBy: try row.optional(first + 8) { (row, column) throws(StoreError) in try row.id(column) },
            groups: try Self.groups(try row.text(first + 9)))
    }

    /// The values of the columns above, but for the groups.
    func values() throws(StoreError) -> [SQLValue] {
        [.id(id), .id(owner), .text(status.rawValue)] + (try attributes.values()) + [
            .time(createdAt), .id(statusBy),
        ]
    }
}

extension Identity {
    private static func groups(_ text: String) throws(StoreError) -> Set<Name> {
        var groups: Set<Name> = []
        for name in StoredList.read(text) {
            do { groups.insert(try Name(name)) } catch { throw .unreadable("groups of an identity") }
        }
        return groups
    }
}

extension IdentityAttributes {
    fileprivate init(_ row: SQLRow, from first: Int, loginBy source: Int) throws(StoreError) {
        let login = try row.optional(first) { (row, column) throws(StoreError) in try row.text(column) }
        let loginBy = try row.optional(source) { (row, column) throws(StoreError) in
            try row.one(LoginSource.self, column)
        }
        let addresses = StoredList.read(try row.text(first + 2))
        let aliases = StoredList.read(try row.text(first + 1))
        let labels = StoredList.read(try row.text(first + 3))
        do throws(NameError) {
            var names: [Name] = []
            for alias in aliases { names.append(try Name(host: alias)) }
            var known: Set<Label> = []
            for label in labels { known.insert(try Label(label)) }
            self.init(
                login: try login.map { (text) throws(NameError) in try Login(text) },
                loginBy: loginBy ?? .provider, aliases: names,
                addresses: addresses, labels: known)
        } catch {
            throw .unreadable("attributes of an identity")
        }
    }

    func values() throws(StoreError) -> [SQLValue] {
        [
            .text(login?.text),
            .text(try StoredList.write(aliases.map(\.text))),
            .text(try StoredList.write(addresses)),
            .text(try StoredList.write(labels.sorted().map(\.description))),
            .text(login.map { _ in loginBy.rawValue }),
        ]
    }
}

/// Short texts in one column, one a line.
enum StoredList {
    static func read(_ text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }

    /// - Throws: `.failed` for a text that is empty or of more than one line.
    static func write(_ texts: [String]) throws(StoreError) -> String {
        guard texts.allSatisfy({ !$0.isEmpty && !$0.utf8.contains(UInt8(ascii: "\n")) }) else {
            throw .failed(reason: "an attribute is empty or holds a line break")
        }
        return texts.joined(separator: "\n")
    }
}
