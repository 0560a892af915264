extension Schema {
    /// Who pushes persons and groups, and what of them. Statuses and memberships that count stand with the identities.
    @Sendable static func provisioning(_ dialect: SQLDialect) -> [String] {
        let (blob, text, clustered) = (dialect.blob, dialect.text, dialect.clustered)
        return [
            "CREATE TABLE provisioner (id \(text) PRIMARY KEY REFERENCES identity (id), issuer TEXT)",
            """
            CREATE TABLE provisioner_token (
                id \(text) PRIMARY KEY, provisioner \(text) NOT NULL REFERENCES provisioner (id),
                token_hash \(blob) NOT NULL UNIQUE, made_by TEXT NOT NULL, made_at BIGINT NOT NULL,
                not_after BIGINT NOT NULL, ended_at BIGINT)
            """,
            "CREATE INDEX provisioner_token_by_provisioner ON provisioner_token (provisioner, made_at)",
            """
            CREATE TABLE provisioned_person (
                id \(text) PRIMARY KEY, provisioner \(text) NOT NULL REFERENCES provisioner (id),
                identity \(text) NOT NULL UNIQUE REFERENCES identity (id), user_name TEXT NOT NULL,
                user_key \(text) NOT NULL, external_id \(text), is_active BIGINT, formatted TEXT,
                family_name TEXT, given_name TEXT, display_name TEXT, emails TEXT NOT NULL,
                version BIGINT NOT NULL, created_at BIGINT NOT NULL, changed_at BIGINT NOT NULL,
                UNIQUE (provisioner, user_key))
            """,
            "CREATE INDEX provisioned_person_by_provisioner ON provisioned_person (provisioner, id)",
            "CREATE INDEX provisioned_person_by_external_id ON provisioned_person (provisioner, external_id)",
            """
            CREATE TABLE provisioned_group (
                id \(text) PRIMARY KEY, provisioner \(text) NOT NULL REFERENCES provisioner (id),
                name \(text) NOT NULL, display_name TEXT NOT NULL, external_id \(text),
                version BIGINT NOT NULL, created_at BIGINT NOT NULL, changed_at BIGINT NOT NULL,
                UNIQUE (provisioner, name))
            """,
            "CREATE INDEX provisioned_group_by_provisioner ON provisioned_group (provisioner, id)",
            """
            CREATE TABLE provisioned_member (
                group_id \(text) NOT NULL REFERENCES provisioned_group (id),
                person_id \(text) NOT NULL REFERENCES provisioned_person (id),
                PRIMARY KEY (group_id, person_id))\(clustered)
            """,
            "CREATE INDEX provisioned_member_by_person ON provisioned_member (person_id)",
            "CREATE INDEX identity_by_login ON identity (login)",
        ]
    }

    /// Who set a login. Of those that were there before, an admin's are those that no provider can have set: of persons whom
    /// none made, and who are linked with none.
    @Sendable static func loginSources(_ dialect: SQLDialect) -> [String] {
        [
            "ALTER TABLE identity ADD COLUMN login_by TEXT",
            """
            UPDATE identity SET login_by = CASE
                WHEN id IN (SELECT identity FROM upstream_link) THEN 'provider'
                WHEN EXISTS (
                    SELECT 1 FROM provisioned_person p
                    WHERE p.identity = identity.id AND p.created_at = identity.created_at) THEN 'provider'
                ELSE 'admin' END
            WHERE login IS NOT NULL
            """,
        ]
    }
}
