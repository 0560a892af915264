package import Names

extension Policy {
    /// The policy of an authority that was just made: its first admin, who may do everything on the authority
    /// and log in as themselves on hosts with the label `group=default`.
    ///
    /// - Returns: YAML that ``init(yaml:limits:)`` reads, with comments for whoever edits it next.
    package static func bootstrap(admin: Name) -> String {
        // Quoted, since a plain `null` or `true` would not be read as a name.
        let admin = "\"\(admin)\""
        return """
            # Who may do what. What no grant allows is refused; there are no deny rules and no wildcards.
            # `reeve policy apply FILE` replaces this text once its own tests (below) hold.
            groups:
              admins: [\(admin)]

            grants:
              # Rights on the authority itself: admin (everything), enroller, auditor, helpdesk.
              - name: admins
                who: [group:admins]
                to: [authority]
                as: [admin]

              # Logins on hosts. `to` takes host:NAME and label:KEY=VALUE, `as` takes logins;
              # $self is a person's own login, which an admin sets. It is never root.
              - name: first-hosts
                who: [group:admins]
                to: [label:group=default]
                as: [$self]
                scope: day
                for: 8h
                options: {permitPTY: true}

            # What must stay true; a policy that fails one of these cannot be applied.
            tests:
              - {who: \(admin), to: authority, as: admin, expect: allowed}
              - {who: \(admin), to: label:group=default, as: root, expect: denied}

            """
    }
}
