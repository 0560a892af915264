package import Names

/// Passkeys, and what waits for one.
package protocol Passkeys: Sendable {
    func passkeyRequest(tokenHash: [UInt8]) async throws(StoreError) -> PasskeyRequest?
    func passkeyRequest(id: String) async throws(StoreError) -> PasskeyRequest?
    func passkey(id: [UInt8]) async throws(StoreError) -> Passkey?
    /// In the order in which they were registered.
    func passkeys(of person: IdentityID) async throws(StoreError) -> [Passkey]
}

/// Checks what authenticators answer (W3C Web Authentication §7): computes, and knows nobody.
package protocol PasskeyVerifying: Sendable {
    func attested(
        _ answer: PasskeyAttestation, _ expected: PasskeyExpectation
    ) throws(PasskeyFault) -> AttestedPasskey

    /// - Throws: Also for a signature of another algorithm than the passkey was registered with.
    func asserted(
        _ answer: PasskeyAssertion, by passkey: Passkey, _ expected: PasskeyExpectation
    ) throws(PasskeyFault) -> AssertedPasskey
}

/// What an answer must be made for.
package struct PasskeyExpectation: Hashable, Sendable {
    package let challenge: [UInt8]
    package let origins: Set<String>
    package let relyingParty: String
    package let mustVerify: Bool

    package init(challenge: [UInt8], origins: Set<String>, relyingParty: String, mustVerify: Bool) {
        self.challenge = challenge
        self.origins = origins
        self.relyingParty = relyingParty
        self.mustVerify = mustVerify
    }
}

/// What `navigator.credentials.create` brought.
package struct PasskeyAttestation: Hashable, Sendable {
    package let clientData: [UInt8]
    package let object: [UInt8]
    package let transports: [String]

    package init(clientData: [UInt8], object: [UInt8], transports: [String]) {
        self.clientData = clientData
        self.object = object
        self.transports = transports
    }
}

/// What `navigator.credentials.get` brought.
package struct PasskeyAssertion: Hashable, Sendable {
    package let id: [UInt8]
    package let clientData: [UInt8]
    package let authenticatorData: [UInt8]
    package let signature: [UInt8]
    package let handle: [UInt8]

    package init(
        id: [UInt8], clientData: [UInt8], authenticatorData: [UInt8], signature: [UInt8], handle: [UInt8]
    ) {
        self.id = id
        self.clientData = clientData
        self.authenticatorData = authenticatorData
        self.signature = signature
        self.handle = handle
    }
}

package struct AttestedPasskey: Hashable, Sendable {
    package let id: [UInt8]
    package let key: PasskeyKey
    package let signCount: UInt32
    package let isBackupEligible: Bool
    package let isBackedUp: Bool

    package init(
        id: [UInt8], key: PasskeyKey, signCount: UInt32, isBackupEligible: Bool = false,
        isBackedUp: Bool = false
    ) {
        self.id = id
        self.key = key
        self.signCount = signCount
        self.isBackupEligible = isBackupEligible
        self.isBackedUp = isBackedUp
    }
}

package struct AssertedPasskey: Hashable, Sendable {
    package let signCount: UInt32
    package let isBackedUp: Bool

    package init(signCount: UInt32, isBackedUp: Bool) {
        self.signCount = signCount
        self.isBackedUp = isBackedUp
    }
}

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
    case signCountFell = "sign-count-fell"
}
