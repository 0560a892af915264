import Authority
import Names
import SSHFormats

extension CommitGroup {
    func apply(_ fact: ProvisioningFact) throws(StoreError) {
        switch fact {
        case .added(let provisioner):
            try require(
                .exists, "INSERT INTO provisioner (id, issuer) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
                [.id(provisioner.id), .text(provisioner.issuer)])
        case .tokenMade(let token): try make(token)
        case .tokensEnded(let provisioner, let id, let at):
            try require(
                .missing,
                """
                UPDATE provisioner_token SET ended_at = ?
                WHERE provisioner = ? AND ended_at IS NULL AND (id = ? OR ? = 1)
                """,
                [.time(at), .id(provisioner), .text(id ?? ""), .integer(id == nil ? 1 : 0)])
        case .personKept(let person): try keep(person)
        case .personLeft(let id):
            try session.send("DELETE FROM provisioned_member WHERE person_id = ?", [.text(id)])
            try require(.missing, "DELETE FROM provisioned_person WHERE id = ?", [.text(id)])
        case .groupKept(let group): try keep(group)
        case .groupLeft(let id):
            try session.send("DELETE FROM provisioned_member WHERE group_id = ?", [.text(id)])
            try require(.missing, "DELETE FROM provisioned_group WHERE id = ?", [.text(id)])
        }
    }

    private func make(_ token: ProvisionerToken) throws(StoreError) {
        try require(
            .exists,
            """
            INSERT INTO provisioner_token (id, provisioner, token_hash, made_by, made_at, not_after, ended_at)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
            """,
            [
                .text(token.id), .id(token.provisioner), .bytes(token.tokenHash), .id(token.madeBy),
                .time(token.madeAt), .time(token.notAfter), .time(token.endedAt),
            ])
    }

    private func keep(_ person: ProvisionedPerson) throws(StoreError) {
        let (draft, profile) = (person.draft, person.draft.profile)
        let other = try session.row(
            """
            SELECT 1 FROM provisioned_person
            WHERE id <> ? AND (identity = ? OR (provisioner = ? AND user_key = ?)) LIMIT 1
            """,
            [.text(person.id), .id(person.identity.id), .id(person.provisioner), .text(draft.key)])
        guard other == nil else { throw .conflict(.exists) }
        try session.send(
            """
            INSERT INTO provisioned_person (id, provisioner, identity, user_name, user_key, external_id, is_active,
                formatted, family_name, given_name, display_name, emails, version, created_at, changed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET user_name = excluded.user_name, user_key = excluded.user_key,
                external_id = excluded.external_id, is_active = excluded.is_active,
                formatted = excluded.formatted, family_name = excluded.family_name,
                given_name = excluded.given_name, display_name = excluded.display_name,
                emails = excluded.emails, version = excluded.version, changed_at = excluded.changed_at
            """,
            [
                .text(person.id), .id(person.provisioner), .id(person.identity.id), .text(draft.userName),
                .text(draft.key), .text(draft.externalId),
                draft.isActive.map { .integer($0 ? 1 : 0) } ?? .null, .text(profile.formatted),
                .text(profile.familyName), .text(profile.givenName), .text(profile.displayName),
                .text(try StoredEmails.write(profile.emails)), .count(person.version),
                .time(person.createdAt), .time(person.changedAt),
            ])
    }

    private func keep(_ group: ProvisionedGroup) throws(StoreError) {
        let other = try session.row(
            "SELECT 1 FROM provisioned_group WHERE id <> ? AND provisioner = ? AND name = ? LIMIT 1",
            [.text(group.id), .id(group.provisioner), .text(group.name.text)])
        guard other == nil else { throw .conflict(.exists) }
        try session.send(
            """
            INSERT INTO provisioned_group
                (id, provisioner, name, display_name, external_id, version, created_at, changed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, display_name = excluded.display_name,
                external_id = excluded.external_id, version = excluded.version,
                changed_at = excluded.changed_at
            """,
            [
                .text(group.id), .id(group.provisioner), .text(group.name.text),
                .text(group.draft.displayName), .text(group.draft.externalId), .count(group.version),
                .time(group.createdAt), .time(group.changedAt),
            ])
        let held = Set(
            try session.rows(
                "SELECT person_id FROM provisioned_member WHERE group_id = ?", [.text(group.id)]
            ).map { (row) throws(StoreError) in try row.text(0) })
        for id in held.subtracting(group.draft.members) {
            try session.send(
                "DELETE FROM provisioned_member WHERE group_id = ? AND person_id = ?",
                [.text(group.id), .text(id)])
        }
        for id in group.draft.members.subtracting(held) {
            try require(
                .missing,
                """
                INSERT INTO provisioned_member (group_id, person_id)
                SELECT ?, id FROM provisioned_person WHERE id = ? AND provisioner = ?
                """,
                [.text(group.id), .text(id), .id(group.provisioner)])
        }
    }
}

/// Addresses in one column, one a line: value, type, and whether it is the primary one.
enum StoredEmails {
    static func write(_ emails: [PersonProfile.Email]) throws(StoreError) -> String {
        try StoredList.write(
            emails.map { email in
                let flag = email.isPrimary.map { $0 ? "1" : "0" } ?? ""
                return "\(email.value ?? "")\t\(email.type ?? "")\t\(flag)"
            })
    }

    static func read(_ text: String) -> [PersonProfile.Email] {
        StoredList.read(text).map { line in
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            func part(_ index: Int) -> String? {
                parts.indices.contains(index) && !parts[index].isEmpty ? parts[index] : nil
            }
            return PersonProfile.Email(
                value: part(0), type: part(1), isPrimary: part(2).map { $0 == "1" })
        }
    }
}
