package import Authority
package import Names
import SSHFormats

extension Records: Provisioning {
    package func provisioners() async throws(StoreError) -> [ProvisionerFound] {
        try await points.perform { session throws(StoreError) in
            let rows = try session.rows(
                """
                SELECT p.id, p.issuer, \(Identity.columns("i")) FROM provisioner p
                JOIN identity i ON i.id = p.id ORDER BY p.id LIMIT 500
                """, [])
            return try rows.map { (row) throws(StoreError) in
                let id = try row.id(0)
                let tokens = try session.rows(
                    """
                    SELECT \(ProvisionerToken.columns("t")) FROM provisioner_token t WHERE t.provisioner = ?
                    ORDER BY t.made_at DESC, t.id LIMIT 100
                    """, [.id(id)])
                return ProvisionerFound(
                    provisioner: Provisioner(id: id, issuer: try row.issuer(1)),
                    identity: try Identity(row, from: 2),
                    tokens: try tokens.map { (row) throws(StoreError) in try ProvisionerToken(row) })
            }
        }
    }

    package func provisioner(tokenHash: [UInt8]) async throws(StoreError) -> ProvisionerFound? {
        try await points.perform { session throws(StoreError) in
            let row = try session.row(
                """
                SELECT \(ProvisionerToken.columns("t")), p.issuer, \(Identity.columns("i"))
                FROM provisioner_token t JOIN provisioner p ON p.id = t.provisioner
                JOIN identity i ON i.id = p.id WHERE t.token_hash = ?
                """, [.bytes(tokenHash)])
            return try row.map { (row) throws(StoreError) in
                let token = try ProvisionerToken(row)
                return ProvisionerFound(
                    provisioner: Provisioner(
                        id: token.provisioner, issuer: try row.issuer(ProvisionerToken.columnCount)),
                    identity: try Identity(row, from: ProvisionerToken.columnCount + 1), tokens: [token])
            }
        }
    }

    package func persons(_ query: ProvisionedQuery) async throws(StoreError) -> [ProvisionedPerson] {
        let (condition, value) = query.ofPersons
        return try await scans.perform { session throws(StoreError) in
            let rows = try session.rows(
                """
                SELECT \(ProvisionedPerson.columns) FROM provisioned_person p JOIN identity i ON i.id = p.identity
                WHERE p.provisioner = ? AND \(condition) ORDER BY p.id LIMIT ?
                """, [.id(query.provisioner), value, .integer(Int64(query.limit))])
            var persons = try rows.map { (row) throws(StoreError) in try ProvisionedPerson(row) }
            try Self.addGroups(to: &persons, session)
            return persons
        }
    }

    /// One statement for all of them: they are a run of ids.
    private static func addGroups(
        to persons: inout [ProvisionedPerson], _ session: any SQLSession
    ) throws(StoreError) {
        guard let first = persons.first, let last = persons.last else { return }
        let rows = try session.rows(
            """
            SELECT m.person_id, g.id, g.display_name FROM provisioned_member m
            JOIN provisioned_group g ON g.id = m.group_id
            WHERE m.person_id >= ? AND m.person_id <= ? AND g.provisioner = ? ORDER BY m.person_id, g.id
            """, [.text(first.id), .text(last.id), .id(first.provisioner)])
        var found: [String: [ProvisionedPerson.Membership]] = [:]
        for row in rows {
            found[try row.text(0), default: []].append(
                ProvisionedPerson.Membership(id: try row.text(1), displayName: try row.text(2)))
        }
        for index in persons.indices { persons[index].groups = found[persons[index].id] ?? [] }
    }

    package func groups(_ query: ProvisionedQuery) async throws(StoreError) -> [ProvisionedGroup] {
        let (condition, value) = query.ofGroups
        return try await scans.perform { session throws(StoreError) in
            let rows = try session.rows(
                """
                SELECT g.id, g.provisioner, g.name, g.display_name, g.external_id, g.version, g.created_at,
                    g.changed_at
                FROM provisioned_group g WHERE g.provisioner = ? AND \(condition) ORDER BY g.id LIMIT ?
                """, [.id(query.provisioner), value, .integer(Int64(query.limit))])
            return try rows.map { (row) throws(StoreError) in
                var group = try ProvisionedGroup(row)
                group.draft.members = Set(
                    try session.rows(
                        "SELECT person_id FROM provisioned_member WHERE group_id = ?", [.text(group.id)]
                    ).map { (row) throws(StoreError) in try row.text(0) })
                return group
            }
        }
    }

    package func provisioned(_ person: IdentityID) async throws(StoreError) -> ProvisionedPerson? {
        try await points.perform { session throws(StoreError) in
            let row = try session.row(
                """
                SELECT \(ProvisionedPerson.columns) FROM provisioned_person p JOIN identity i ON i.id = p.identity
                WHERE p.identity = ?
                """, [.id(person)])
            var found = try row.map { (row) throws(StoreError) in [try ProvisionedPerson(row)] } ?? []
            try Self.addGroups(to: &found, session)
            return found.first
        }
    }

    package func holders(of login: Login) async throws(StoreError) -> [IdentityID] {
        try await points.perform { session throws(StoreError) in
            try session.rows(
                """
                SELECT id FROM identity WHERE login = ? AND kind = 'person'
                ORDER BY id LIMIT 8
                """, [.text(login.text)]
            ).map { (row) throws(StoreError) in try row.id(0) }
        }
    }
}

extension ProvisionedQuery {
    fileprivate var ofPersons: (String, SQLValue) {
        switch key {
        case .after(let id): ("p.id > ?", .text(id ?? ""))
        case .id(let id): ("p.id = ?", .text(id))
        case .name(let name): ("p.user_key = ?", .text(name))
        case .externalId(let id): ("p.external_id = ?", .text(id))
        case .member(let group):
            ("p.id IN (SELECT m.person_id FROM provisioned_member m WHERE m.group_id = ?)", .text(group))
        }
    }

    fileprivate var ofGroups: (String, SQLValue) {
        switch key {
        case .after(let id): ("g.id > ?", .text(id ?? ""))
        case .id(let id): ("g.id = ?", .text(id))
        case .name(let name): ("g.name = ?", .text(name))
        case .externalId(let id): ("g.external_id = ?", .text(id))
        case .member(let person):
            ("g.id IN (SELECT m.group_id FROM provisioned_member m WHERE m.person_id = ?)", .text(person))
        }
    }
}

extension SQLRow {
    fileprivate func issuer(_ column: Int) throws(StoreError) -> String? { try words(column) }

    fileprivate func words(_ column: Int) throws(StoreError) -> String? {
        try optional(column) { (row, column) throws(StoreError) in try row.text(column) }
    }
}

extension ProvisionerToken {
    fileprivate static func columns(_ table: String) -> String {
        ["id", "provisioner", "token_hash", "made_by", "made_at", "not_after", "ended_at"]
            .map { "\(table).\($0)" }.joined(separator: ", ")
    }
    fileprivate static let columnCount = 7

    fileprivate init(_ row: SQLRow) throws(StoreError) {
        self.init(
            id: try row.text(0), provisioner: try row.id(1), tokenHash: try row.bytes(2),
            madeBy: try row.id(3), madeAt: try row.time(4), notAfter: try row.time(5),
            endedAt: try row.optional(6) { (row, column) throws(StoreError) in try row.time(column) })
    }
}

extension ProvisionedPerson {
    fileprivate static var columns: String {
        [
            "id", "provisioner", "user_name", "external_id", "is_active", "formatted", "family_name",
            "given_name", "display_name", "emails", "version", "created_at", "changed_at",
        ].map { "p.\($0)" }.joined(separator: ", ") + ", " + Identity.columns("i")
    }

    fileprivate init(_ row: SQLRow) throws(StoreError) {
        var profile = PersonProfile()
        profile.formatted = try row.words(5)
        profile.familyName = try row.words(6)
        profile.givenName = try row.words(7)
        profile.displayName = try row.words(8)
        profile.emails = StoredEmails.read(try row.text(9))
        let isActive = try row.optional(4) { (row, column) throws(StoreError) in try row.count(column) == 1 }
        self.init(
            id: try row.text(0), provisioner: try row.id(1), identity: try Identity(row, from: 13),
            draft: PersonDraft(
                userName: try row.text(2), externalId: try row.words(3), isActive: isActive,
                profile: profile),
            version: try row.count(10), createdAt: try row.time(11), changedAt: try row.time(12))
    }
}

extension ProvisionedGroup {
    fileprivate init(_ row: SQLRow) throws(StoreError) {
        let name: Name
        do { name = try Name(try row.text(2)) } catch { throw .unreadable("the name of a group") }
        self.init(
            id: try row.text(0), provisioner: try row.id(1), name: name,
            draft: GroupDraft(displayName: try row.text(3), externalId: try row.words(4)),
            version: try row.count(5), createdAt: try row.time(6), changedAt: try row.time(7))
    }
}
