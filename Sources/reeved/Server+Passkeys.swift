import Authority
import SignIn

extension Server {
    /// The site of passkeys; nil where no way to sign in names them.
    var passkeySettings: PasskeySettings? {
        guard configuration.takesPasskeys, let first = addresses.first else { return nil }
        return PasskeySettings(
            relyingParty: configuration.passkeys.relyingParty ?? configuration.name,
            origins: Set(addresses), page: "\(first)/passkey",
            verification: configuration.passkeys.verification,
            mayBeAlone: configuration.takesPasskeysAlone, verifier: PasskeyVerifier())
    }
}
