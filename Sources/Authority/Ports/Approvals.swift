package import Names
package import SSHFormats

/// Requests that wait for people, and what was said of them.
package protocol Approvals: Sendable {
    func approval(_ number: UInt64) async throws(StoreError) -> ApprovalFound?
    /// The newest first.
    func approvals(_ query: ApprovalQuery) async throws(StoreError) -> [ApprovalFound]
    /// The highest number that was given; 0 before the first.
    func lastApproval() async throws(StoreError) -> UInt64
}

/// Which requests are meant; everything that is said must hold.
package struct ApprovalQuery: Hashable, Sendable {
    package var requester: IdentityID?
    package var wish: [UInt8]?
    /// Only those that are open or approved.
    package var isLive: Bool
    /// Only those that are over by then.
    package var endedBy: UnixTime?
    package var before: UInt64?
    package var limit: Int

    package init(
        requester: IdentityID? = nil, wish: [UInt8]? = nil, isLive: Bool = false, endedBy: UnixTime? = nil,
        before: UInt64? = nil, limit: Int = 200
    ) {
        self.requester = requester
        self.wish = wish
        self.isLive = isLive
        self.endedBy = endedBy
        self.before = before
        self.limit = limit
    }
}
