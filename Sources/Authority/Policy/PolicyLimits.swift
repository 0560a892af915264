/// The longest certificates that a grant may give, in seconds.
package struct PolicyLimits: Hashable, Sendable {
    /// Nothing, whatever is configured, lasts longer: 24 h.
    package static let cap: UInt64 = 86_400
    /// 8 h for a day, 2 min for one connection.
    package static let standard = PolicyLimits(checkedDay: 28_800, connection: 120)

    package let day: UInt64
    package let connection: UInt64

    /// nil unless both are 1…``cap``.
    package init?(day: UInt64, connection: UInt64) {
        guard (1...Self.cap).contains(day), (1...Self.cap).contains(connection) else { return nil }
        self.init(checkedDay: day, connection: connection)
    }

    private init(checkedDay day: UInt64, connection: UInt64) {
        self.day = day
        self.connection = connection
    }

    func longest(_ scope: Scope) -> UInt64 {
        switch scope {
        case .day: day
        case .connection: connection
        }
    }
}
