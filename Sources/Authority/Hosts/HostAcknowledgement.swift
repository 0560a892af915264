package import Names
package import SSHFormats

/// What a host says that it has installed, and whether its sshd goes by it. Only grows: an older one changes nothing.
package struct HostAcknowledgement: Hashable, Sendable {
    package let host: IdentityID
    /// Of the state that is installed.
    package let state: HostStateNumber
    /// Seconds since 1970 UTC at which that state was signed; tells two of one number apart.
    package let issuedAt: UInt64
    /// Whether sshd there reads what is installed; false where its configuration says otherwise.
    package let isEnforced: Bool
    /// Codes of what is wrong there, such as `drop-in-overridden`.
    package let faults: [String]
    /// Sessions that it ended since it said so last.
    package let ended: UInt64
    /// When it was said.
    package let at: UnixTime

    package init(
        host: IdentityID, state: HostStateNumber, issuedAt: UInt64, isEnforced: Bool, faults: [String] = [],
        ended: UInt64 = 0, at: UnixTime
    ) {
        self.ended = ended
        self.host = host
        self.state = state
        self.issuedAt = issuedAt
        self.isEnforced = isEnforced
        self.faults = faults
        self.at = at
    }

    /// Most codes, and most bytes of one.
    package static let faultLimit = 32
    package static let faultLength = 40
    /// Most sessions that are told of at once.
    package static let endedLimit = 64
}

/// A session that a host ended, since it came by what is revoked.
package struct EndedSession: Hashable, Sendable {
    package let login: Login
    package let source: String
    package let serial: UInt64?
    package let key: Fingerprint

    package init(login: Login, source: String, serial: UInt64?, key: Fingerprint) {
        self.login = login
        self.source = source
        self.serial = serial
        self.key = key
    }

    /// As it stands in the ledger.
    var text: String {
        "\(login.text) from \(source), \(serial.map { "certificate \($0)" } ?? "no certificate"), key \(key)"
    }
}

/// Which state of hosts: the epoch counts first, then the version.
package struct HostStateNumber: Hashable, Comparable, Sendable {
    package let epoch: UInt64
    package let version: UInt64

    package init(epoch: UInt64, version: UInt64) {
        self.epoch = epoch
        self.version = version
    }

    package static func < (left: HostStateNumber, right: HostStateNumber) -> Bool {
        (left.epoch, left.version) < (right.epoch, right.version)
    }
}

/// A host and what it acknowledged last.
package struct HostFound: Hashable, Sendable {
    package let id: IdentityID
    package let status: IdentityStatus
    /// Whether an agent of it is enrolled; hosts without one have nothing to enforce.
    package let isEnrolled: Bool
    /// nil before its first.
    package let acknowledged: HostAcknowledgement?
    /// When this state was acknowledged first.
    package let since: UnixTime?

    package init(
        id: IdentityID, status: IdentityStatus, isEnrolled: Bool, acknowledged: HostAcknowledgement?,
        since: UnixTime?
    ) {
        self.id = id
        self.status = status
        self.isEnrolled = isEnrolled
        self.acknowledged = acknowledged
        self.since = since
    }
}

/// How many hosts enforce a state. Counted are active hosts with an agent; suspended ones hear nothing, and stand apart.
package struct Enforcement: Hashable, Sendable {
    package var hosts = 0
    package var enforcing = 0
    /// Suspended hosts with an agent that do not enforce it: what they let in is not known.
    package var suspended = 0
    /// Sessions that hosts ended since they have that state.
    package var endedSessions: UInt64 = 0

    package var isWhole: Bool { enforcing == hosts }

    package init(hosts: Int = 0, enforcing: Int = 0, suspended: Int = 0, endedSessions: UInt64 = 0) {
        self.endedSessions = endedSessions
        self.hosts = hosts
        self.enforcing = enforcing
        self.suspended = suspended
    }
}

/// Which hosts are meant.
package struct HostQuery: Hashable, Sendable {
    /// Only those that do not enforce this state and should, and suspended ones that do not.
    package var missing: HostStateNumber?
    /// Those behind this name.
    package var after: Name?
    package var limit: Int

    package init(missing: HostStateNumber? = nil, after: Name? = nil, limit: Int = 500) {
        self.missing = missing
        self.after = after
        self.limit = limit
    }
}
