/// The applied policies.
package protocol Policies: Sendable {
    /// nil before the first.
    func currentPolicy() async throws(StoreError) -> PolicyVersion?
    /// The version alone; cheap, asked before each decision.
    func currentPolicyVersion() async throws(StoreError) -> UInt64
    /// Counts the facts that change persons, devices, hosts or the policy: what a rule about all of them rests on.
    func standing() async throws(StoreError) -> UInt64
    /// Newest first, those before `before`, or all.
    func policyHistory(before: UInt64?, limit: Int) async throws(StoreError) -> [PolicyVersion]
}
