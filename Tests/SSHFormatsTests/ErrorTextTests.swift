import SSHFormats
import Testing

@Suite struct `What an error says` {
    @Test(
        arguments: [
            (KeyError.tooWeak(bits: 2_048), "is an RSA key of 2048 bits; at least 3072 are asked for"),
            (KeyError.wire(.truncated(wanted: 4, left: 3)), "ends early: 4 bytes are wanted and 3 are left"),
            (
                CertificateError.key(.smallExponent),
                "has a key that is an RSA key with an exponent below 65537"
            ),
            (
                CertificateError.signature(.invalid),
                "has a signature that was not made by this key over these bytes"
            ),
            (KRLError.unknownFormat(2), "is of version 2 of the format, not 1"),
            (AgentError.failure, "it says no"),
        ] as [(any Error, String)])
    func `is half a sentence for people`(_ error: any Error, _ text: String) { #expect("\(error)" == text) }

    @Test func `keeps text from outside in quotation marks, on one line`() {
        let error = CertificateError.badPrincipal("a\n\u{1b}[2Jreeve: all is well")
        #expect(
            error.description
                == #"names a principal that cannot be one: "a\n\u{1B}[2Jreeve: all is well""#)
    }

    @Test(
        arguments: [
            (KeyError.tooWeak(bits: 2_048), "key-too-weak"), (KeyError.wire(.notBase64), "not-base64"),
            (CertificateError.key(.wire(.trailing(1))), "trailing-bytes"),
            (CertificateError.noPrincipals, "certificate-no-principals"),
            (KRLError.badMagic, "krl-bad-magic"), (AgentError.failure, "agent-failure"),
            (SSHSIGError.signature(.invalid), "signature-invalid"),
            (AllowedSignersError.expired, "signer-expired"),
            (AuthorizedKeysError.badOption("from"), "option-bad-value"),
        ] as [(any SSHFormatError, String)])
    func `comes with a code that stays`(_ error: any SSHFormatError, _ code: String) {
        #expect(error.code == code)
    }
}
