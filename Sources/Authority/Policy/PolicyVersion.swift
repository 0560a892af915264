package import Names
package import SSHFormats

/// A policy as it was applied: version 1 is the first; every applied text stays.
package struct PolicyVersion: Hashable, Sendable {
    package let version: UInt64
    package let text: String
    package let appliedBy: IdentityID?
    package let appliedAt: UnixTime
    /// Why, in the words of whoever applied it.
    package let reason: String?

    package init(
        version: UInt64, text: String, appliedBy: IdentityID?, appliedAt: UnixTime, reason: String? = nil
    ) {
        self.version = version
        self.text = text
        self.appliedBy = appliedBy
        self.appliedAt = appliedAt
        self.reason = reason
    }
}
