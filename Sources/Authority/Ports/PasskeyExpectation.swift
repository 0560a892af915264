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
