package import Authority
import Crypto
import Synchronization

/// Hashes passwords quickly and counts; only the bytes given are compared, all of them.
package final class FakeHashing: PasswordHashing {
    package struct Counts: Hashable, Sendable {
        /// New hashes, comparisons with a stored hash, and comparisons with the dummy.
        package var hashes = 0
        package var stored = 0
        package var dummy = 0
    }

    private struct State {
        var counts = Counts()
        var error: HashingError?
    }

    private let state = Mutex(State())

    package init() {}

    package var counts: Counts { state.withLock { $0.counts } }

    /// From now on every call fails with it.
    package func fail(_ error: HashingError?) { state.withLock { $0.error = error } }

    package func hash(_ password: [UInt8]) throws(HashingError) -> String {
        try count { $0.hashes += 1 }
        return FakeHashing.text(password)
    }

    package func matches(_ password: [UInt8], _ encoded: String?) throws(HashingError) -> Bool {
        try count { counts in
            counts.stored += encoded == nil ? 0 : 1
            counts.dummy += encoded == nil ? 1 : 0
        }
        return FakeHashing.text(password) == encoded
    }

    private func count(_ change: (inout Counts) -> Void) throws(HashingError) {
        let error = state.withLock { state in
            change(&state.counts)
            return state.error
        }
        if let error { throw error }
    }

    private static func text(_ password: [UInt8]) -> String { "fake$\(Array(SHA256.hash(data: password)))" }
}
