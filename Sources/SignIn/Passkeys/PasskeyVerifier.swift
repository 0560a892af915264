package import Authority
import Crypto
import Names

/// Checks what authenticators answer, step by step as W3C Web Authentication §7.1 and §7.2 have them. Signatures and keys are
/// libfido2's; all that depends on who asks is checked here before.
package struct PasskeyVerifier: PasskeyVerifying {
    private static let longestSignature = 1_024

    package init() {}

    package func attested(
        _ answer: PasskeyAttestation, _ expected: PasskeyExpectation
    ) throws(PasskeyFault) -> AttestedPasskey {
        try ClientData.check(answer.clientData, .create, expected)
        let bytes = try AttestationObject(answer.object).authenticatorData
        let data = try AuthenticatorData(bytes)
        try check(data, expected)
        guard data.flags.contains(.attested) else { throw .malformed }
        guard let (id, key) = Fido.credential(in: bytes), Fido.isUsable(key) else { throw .algorithmNotTaken }
        return AttestedPasskey(
            id: id, key: key, signCount: data.signCount,
            isBackupEligible: data.flags.contains(.backupEligible),
            isBackedUp: data.flags.contains(.backedUp))
    }

    package func asserted(
        _ answer: PasskeyAssertion, by passkey: Passkey, _ expected: PasskeyExpectation
    ) throws(PasskeyFault) -> AssertedPasskey {
        // A key that was asked for by its id need not know whose it is (§7.2, 6).
        let isNameless = answer.handle.isEmpty && !passkey.isDiscoverable
        guard answer.id == passkey.id, isNameless || constantTimeEquals(answer.handle, passkey.handle) else {
            throw .wrongHandle
        }
        try ClientData.check(answer.clientData, .get, expected)
        let data = try AuthenticatorData(answer.authenticatorData)
        try check(data, expected)
        guard data.flags.contains(.backupEligible) == passkey.isBackupEligible else { throw .wrongBackup }
        guard answer.signature.count <= Self.longestSignature,
            Fido.isValid(
                answer.signature, by: passkey.key, over: answer.authenticatorData,
                clientDataHash: Array(SHA256.hash(data: answer.clientData)),
                relyingParty: expected.relyingParty, mustVerify: expected.mustVerify)
        else { throw .wrongSignature }
        return AssertedPasskey(
            signCount: data.signCount, isBackedUp: data.flags.contains(.backedUp))
    }

    private func check(
        _ data: AuthenticatorData, _ expected: PasskeyExpectation
    ) throws(PasskeyFault) {
        let hash = Array(SHA256.hash(data: Array(expected.relyingParty.utf8)))
        guard constantTimeEquals(data.relyingPartyHash, hash) else { throw .wrongRelyingParty }
        guard data.flags.contains(.userPresent) else { throw .notPresent }
        guard !expected.mustVerify || data.flags.contains(.userVerified) else { throw .notVerified }
        guard data.flags.contains(.backupEligible) || !data.flags.contains(.backedUp) else {
            throw .wrongBackup
        }
    }
}
