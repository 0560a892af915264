/// Lets one act at a time through whose rule looks at more than the act changes: "one admin stays", "no name
/// twice".
///
/// It holds within this process. Several nodes on one database will need the same turn from the database.
package actor Turns {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init() {}

    /// Runs the act when all that came before are done.
    nonisolated func take<Value: Sendable>(
        _ act: () async throws(AuthorityError) -> Value
    ) async throws(AuthorityError) -> Value {
        await enter()
        let result: Result<Value, AuthorityError>
        do throws(AuthorityError) { result = .success(try await act()) } catch { result = .failure(error) }
        await leave()
        return try result.get()
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
