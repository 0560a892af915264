package import Names
package import SSHFormats

/// The clocks of hosts, as any server saw them last.
package protocol Clocks: Sendable {
    func clock(of host: IdentityID) async throws(StoreError) -> HostClock?
    /// Those that are off by more than so many seconds and were seen after that time.
    func clocks(offBy seconds: UInt64, seenAfter time: UnixTime) async throws(StoreError) -> [HostClock]
}
