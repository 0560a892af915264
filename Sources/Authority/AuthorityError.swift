/// Why a request to the authority did not succeed.
package enum AuthorityError: Error, Sendable {
    /// The caller may see it.
    case refused(Refused)
    /// Logged in full; the caller sees "try again" with the request id.
    case store(StoreError)
    case signer(SignerError)
    case hashing(HashingError)
    case sealing(SealingError)
    /// This very request was answered before: the reply as it was, sealed.
    case replayed(RememberedReply)
    /// A bug of ours or a hostile signer: what came back is not what was proposed.
    case mismatch(String)

    package static func refused(_ refusal: Refusal, _ detail: String = "") -> AuthorityError {
        .refused(Refused(refusal, detail))
    }
}
