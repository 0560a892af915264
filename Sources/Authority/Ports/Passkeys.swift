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
