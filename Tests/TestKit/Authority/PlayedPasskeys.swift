package import Authority

/// Takes everything that authenticators might answer: where something else is tested.
package struct PlayedPasskeys: PasskeyVerifying {
    package init() {}

    package func attested(
        _ answer: PasskeyAttestation, _ expected: PasskeyExpectation
    ) throws(PasskeyFault) -> AttestedPasskey {
        guard answer.clientData == expected.challenge else { throw .wrongChallenge }
        return AttestedPasskey(
            id: answer.object, key: PasskeyKey(.es256, [UInt8](repeating: 7, count: 64)), signCount: 0)
    }

    package func asserted(
        _ answer: PasskeyAssertion, by passkey: Passkey, _ expected: PasskeyExpectation
    ) throws(PasskeyFault) -> AssertedPasskey {
        guard answer.clientData == expected.challenge else { throw .wrongChallenge }
        return AssertedPasskey(signCount: 0, isBackedUp: false)
    }

    /// A site of it.
    package static func settings(_ host: String) -> PasskeySettings {
        PasskeySettings(
            relyingParty: host, origins: ["https://\(host)"], page: "https://\(host)/passkey",
            verification: .preferred, mayBeAlone: false, verifier: PlayedPasskeys())
    }
}
