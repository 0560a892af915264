package import Names

/// A wish for one user certificate. Every word of it is checked already; none reaches a certificate unless
/// the grant has it too.
package struct AccessRequest: Hashable, Sendable {
    package let subject: Subject
    /// Where to; nil asks for all entries of ``grant``, which then must be named.
    package let host: Host?
    package let login: Login
    /// nil: what the grant gives.
    package let scope: Scope?
    /// Seconds; nil: as long as the grant gives. Never shortened or lengthened silently.
    package let lifetime: UInt64?
    /// nil: the first grant of the policy that allows it.
    package let grant: Name?
    /// The grant whose approvals are taken as given.
    var approved: Name?

    package init(
        subject: Subject, host: Host?, login: Login, scope: Scope? = nil, lifetime: UInt64? = nil,
        grant: Name? = nil
    ) {
        self.subject = subject
        self.host = host
        self.login = login
        self.scope = scope
        self.lifetime = lifetime
        self.grant = grant
    }
}
