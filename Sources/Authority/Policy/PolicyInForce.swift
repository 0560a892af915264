/// Reads the policy in force. Its version is asked of the store each time; parsing is done once.
struct PolicyInForce: Sendable {
    let policies: any Policies
    let cache: PolicyCache
    let world: World

    func current() async throws(AuthorityError) -> (version: PolicyVersion, policy: Policy) {
        do {
            let version = try await policies.currentPolicyVersion()
            if let held = cache.held(version) { return held }
            guard let stored = try await policies.currentPolicy() else {
                throw AuthorityError.mismatch("no policy was ever applied")
            }
            return try await withTaskExecutorPreference(world.workshop) { try parsed(stored) }
        } catch let error as StoreError {
            throw .store(error)
        } catch let error as AuthorityError {
            throw error
        } catch {
            throw .mismatch("the stored policy does not parse: \(error)")
        }
    }

    /// What many ask for at once when a policy is new is parsed by the first of them.
    private func parsed(_ stored: PolicyVersion) throws -> (version: PolicyVersion, policy: Policy) {
        if let held = cache.held(stored.version) { return held }
        let parsed = try Policy(yaml: stored.text)
        cache.hold(stored, parsed)
        return (stored, parsed)
    }
}
