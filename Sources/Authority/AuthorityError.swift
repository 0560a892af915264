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

extension AuthorityError: CustomStringConvertible {
    /// For the log and the console; without what was asked for.
    package var description: String {
        switch self {
        case .refused(let refused): "refused (\(refused.refusal.rawValue))"
        case .store(let error): error.description
        case .signer(let error): error.description
        case .hashing(.busy): "too many passwords are being checked"
        case .hashing(.failed(let reason)): "a password cannot be hashed: \(reason)"
        case .sealing: "a sealed secret was altered, or the key that opens it is another"
        case .replayed: "answered before"
        case .mismatch(let reason): reason
        }
    }
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .conflict(let conflict): "the store says no: \(conflict.reason)"
        case .busy: "the store is busy"
        case .failed(let reason): "the store failed: \(reason)"
        }
    }
}

extension Conflict {
    fileprivate var reason: String {
        switch self {
        case .exists: "there is one already"
        case .missing: "there is none"
        case .keyTaken: "the key belongs to another"
        case .linkUsed: "the link was used"
        case .stepUsed: "the code was used"
        case .sessionMade: "the conversation has made a session"
        case .versionMoved: "somebody else was faster"
        case .approvalGone: "nothing waits for approval any more"
        case .tooMany: "too many wait already"
        case .serialVoid: "the serial was voided meanwhile"
        case .caKeyMoved: "the CA key was replaced meanwhile"
        case .claimed: "the request was answered before"
        }
    }
}
