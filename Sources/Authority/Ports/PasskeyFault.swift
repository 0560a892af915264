/// Why an answer is not good; what the ledger learns.
package enum PasskeyFault: String, Error, Hashable, Sendable, CaseIterable {
    case malformed
    case wrongType = "wrong-type"
    case wrongChallenge = "wrong-challenge"
    case wrongOrigin = "wrong-origin"
    case wrongRelyingParty = "wrong-relying-party"
    case notPresent = "not-present"
    case notVerified = "not-verified"
    case wrongBackup = "wrong-backup-flags"
    case algorithmNotTaken = "algorithm-not-taken"
    case attestationNotTaken = "attestation-not-taken"
    case wrongSignature = "wrong-signature"
    case wrongHandle = "wrong-handle"
    case unknown = "unknown-passkey"
    case notListed = "not-listed"
    case signCountFell = "sign-count-fell"
}
