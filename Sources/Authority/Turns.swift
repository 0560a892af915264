/// Lets one act at a time through whose rule looks at more than the act changes: "one admin stays", "no name twice".
///
/// Acts of this process wait for each other. Of several processes the database decides: an act that rests on what
/// another one changed meanwhile is kept by nobody (``Fact/unmoved(since:)``), and done again from the start.
package actor Turns {
    /// How often an act is done before its caller is told to come back.
    private static let tries = 4

    private let policies: any Policies
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init(_ policies: any Policies) { self.policies = policies }

    /// Runs the act when all that came before are done.
    ///
    /// - Parameter act: Takes the fact that must be recorded together with what it decides.
    nonisolated func take<Value: Sendable>(
        _ act: (Fact) async throws(AuthorityError) -> Value
    ) async throws(AuthorityError) -> Value {
        await enter()
        let result = await repeated(act)
        await leave()
        return try result.get()
    }

    private nonisolated func repeated<Value: Sendable>(
        _ act: (Fact) async throws(AuthorityError) -> Value
    ) async -> Result<Value, AuthorityError> {
        do throws(AuthorityError) {
            var standing = try await standing()
            for _ in 1..<Turns.tries {
                let result = await once(act, standing)
                guard case .failure(.store(.busy)) = result else { return result }
                let now = try await self.standing()
                // The store itself is busy: to try on would only hold up those who wait for their turn.
                guard now != standing else { return result }
                standing = now
            }
            return await once(act, standing)
        } catch {
            return .failure(error)
        }
    }

    private nonisolated func once<Value: Sendable>(
        _ act: (Fact) async throws(AuthorityError) -> Value, _ standing: UInt64
    ) async -> Result<Value, AuthorityError> {
        do throws(AuthorityError) { return .success(try await act(.unmoved(since: standing))) } catch {
            return .failure(error)
        }
    }

    private nonisolated func standing() async throws(AuthorityError) -> UInt64 {
        do { return try await policies.standing() } catch { throw .store(error) }
    }

    private func enter() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// Hands over to the next, in the order in which they came.
    private func leave() {
        guard !waiting.isEmpty else {
            isTaken = false
            return
        }
        waiting.removeFirst().resume()
    }
}
