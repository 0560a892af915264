/// What hosts said that they enforce. Any server is told, and any can answer.
package protocol Acknowledgements: Sendable {
    func enforcement(of state: HostStateNumber) async throws(StoreError) -> Enforcement
    /// In order of name; retired hosts are left out.
    func hosts(_ query: HostQuery) async throws(StoreError) -> [HostFound]
}
