import AuthorityAPI
import Synchronization

/// What each server gave out last for proofs to name (RFC 9449 §8.2); shared by all copies of a connection.
final class ProofNonces: Sendable {
    private let known = Mutex<[ServerAddress: String]>([:])

    subscript(_ server: ServerAddress) -> String? { known.withLock { $0[server] } }

    /// An answer without one changes nothing.
    func learn(_ facts: AnswerFacts, from server: ServerAddress) {
        guard let nonce = facts.nonce else { return }
        known.withLock { $0[server] = nonce }
    }
}
