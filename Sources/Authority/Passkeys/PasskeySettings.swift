/// The site that passkeys are for, and what is asked of them.
package struct PasskeySettings: Sendable {
    /// The RP ID: the domain that they are bound to for ever (W3C Web Authentication §5.1.2).
    package let relyingParty: String
    /// Origins of the page, exactly: `https://ca.example.com:8443`.
    package let origins: Set<String>
    /// Address of the page, without fragment.
    package let page: String
    package let verification: UserVerification
    /// Whether some way to sign in consists of a passkey alone.
    package let mayBeAlone: Bool
    package let verifier: any PasskeyVerifying

    package init(
        relyingParty: String, origins: Set<String>, page: String, verification: UserVerification,
        mayBeAlone: Bool, verifier: any PasskeyVerifying
    ) {
        self.relyingParty = relyingParty
        self.origins = origins
        self.page = page
        self.verification = verification
        self.mayBeAlone = mayBeAlone
        self.verifier = verifier
    }

    /// The secret stands in the fragment, which browsers do not send.
    func address(of token: String) -> String { "\(page)#\(token)" }

    func expectation(_ request: PasskeyRequest) -> PasskeyExpectation {
        PasskeyExpectation(
            challenge: request.challenge, origins: origins, relyingParty: relyingParty,
            mustVerify: request.verification == .required)
    }
}
