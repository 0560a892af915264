package import Names
package import SSHFormats

/// Sign-ins that wait for another device.
package protocol PendingSignIns: Sendable {
    func pendingSignIn(id: String) async throws(StoreError) -> PendingSignIn?
    /// Those of this person that were asked for after then, the oldest first.
    func pendingSignIns(of identity: IdentityID, after: UnixTime) async throws(StoreError) -> [PendingSignIn]
}
