/// Why a DPoP proof does not prove anything (RFC 9449 §4.3).
public enum DPoPError: Error, Hashable, Sendable {
    /// Longer than 2 KiB.
    case tooLong
    /// Not a compact JWS, or a member is missing or of another type; names it.
    case malformed(String)
    /// `typ` is not `dpop+jwt`.
    case wrongType
    /// `alg` is not `ES256`; `none` and the symmetric ones least of all.
    case wrongAlgorithm
    /// A header member that must be understood (RFC 7515 §4.1.11).
    case criticalMember
    /// `jwk` holds a private member.
    case privateKey
    /// `jwk` is no point on P-256.
    case badKey
    case wrongMethod
    case wrongURL
    /// `iat` lies this many seconds back, beyond the tolerance: the caller's clock is slow, or the proof old.
    case tooOld(seconds: UInt64)
    /// `iat` lies this many seconds ahead, beyond the tolerance: the caller's clock is fast.
    case fromTheFuture(seconds: UInt64)
    /// `jti` is empty, longer than 64 characters or not visible ASCII.
    case badID
    /// `ath` is missing though a token was given, or does not belong to it.
    case wrongToken
    /// `ath` is there though no token was given.
    case unexpectedToken
    case badSignature
    /// The key could not sign: a fault of the machine.
    case cannotSign
}
