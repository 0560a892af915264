import Synchronization

/// How many entries are about to be recorded: decided already, and now with the signer.
///
/// A group commit that knows of them can wait for them instead of starting with the first that comes. It is a hint: what
/// is counted wrongly costs a moment and changes nothing that is kept.
package final class ExpectedEntries: Sendable {
    private let number = Atomic<Int>(0)

    package init() {}

    package var count: Int { number.load(ordering: .relaxed) }

    /// One more, while `prepare` runs; whatever comes of it is recorded right after.
    package func expecting<Value, Failure: Error>(
        _ prepare: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        number.wrappingAdd(1, ordering: .relaxed)
        defer { number.wrappingSubtract(1, ordering: .relaxed) }
        return try await prepare()
    }
}
