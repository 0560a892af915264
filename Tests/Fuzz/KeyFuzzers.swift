import SSHFormats

/// Keys, certificates, revocation lists and signatures.
let keyFuzzers: [Fuzzer] = [
    Fuzzer("publicKey") { input in
        guard let key = try? PublicKey(blob: input) else { return }
        promiseSame(key.blob, input)
        promise(try PublicKey(text: key.text()) == key, "the line is read again")
        promise(
            try Fingerprint(text: key.fingerprint.description) == key.fingerprint, "so is the fingerprint")
        _ = (try? key.checkStrength(), key.bits, key.application)
    },
    Fuzzer("keyLine", longest: 2048) { input in
        let text = String(decoding: input, as: UTF8.self)
        if let key = try? PublicKey(text: text) {
            promise(try PublicKey(text: key.text()) == key, "the line is read again")
        }
        guard let certificate = try? Certificate(text: text) else { return }
        promise(try Certificate(text: certificate.text()) == certificate, "the line is read again")
    },
    Fuzzer("certificate") { input in
        guard let certificate = try? Certificate(blob: input) else { return }
        promiseSame(certificate.blob, input)
        promise(certificate.signedBytes.count < input.count, "the signature is not signed")
        _ = try? certificate.verifySignature()
        if certificate.validity != nil, certificate.principals != nil,
            let draft = try? CertificateDraft(parsingToBeSigned: certificate.signedBytes)
        {
            promiseSame(draft.toBeSigned, Array(certificate.signedBytes))
        }
    },
    Fuzzer("toBeSigned") { input in
        guard let draft = try? CertificateDraft(parsingToBeSigned: input) else { return }
        promiseSame(draft.toBeSigned, input)
        promise(!draft.principals.names.isEmpty && draft.validity.seconds > 0, "a draft speaks for somebody")
    },
    Fuzzer("signature", longest: 1024) { input in
        guard let signature = try? Signature(blob: input) else { return }
        promiseSame(signature.blob, input)
    },
    Fuzzer("privateKeyFile") { input in
        guard let key = try? PrivateKey(openSSH: String(decoding: input, as: UTF8.self)) else { return }
        promise(
            try PrivateKey(openSSH: key.openSSHText()).publicKey == key.publicKey, "the file is read again")
        let signature = try? key.sign([1, 2, 3])
        promise(try signature.map { try key.publicKey.verify($0, over: [1, 2, 3]) } != nil, "it signs")
    },
    Fuzzer("krl", longest: 8192) { input in
        guard let krl = try? KRL(bytes: input) else { return }
        let written = krl.encoded()
        guard let again = try? KRL(bytes: written) else { fatalError("what is written is read") }
        promiseSame(again.encoded(), written)
        for (authority, revoked) in krl.certificates where !revoked.serials.isEmpty || !revoked.keyIDs.isEmpty
        {
            promise(again.certificates[authority] == revoked, "nothing that was revoked is lost")
        }
        promise(again.keys == krl.keys && again.fingerprints == krl.fingerprints, "nor are keys")
    },
    Fuzzer("sshsig") { input in
        guard let signature = try? SSHSIG(blob: input) else { return }
        promiseSame(signature.blob, input)
        promise(try SSHSIG(armoured: signature.armoured) == signature, "the armour is read again")
        _ = try? signature.verify([1, 2, 3], namespace: signature.namespace)
    },
    Fuzzer("sshsigArmour") { input in
        guard let signature = try? SSHSIG(armoured: input) else { return }
        promise(try SSHSIG(armoured: signature.armoured) == signature, "the armour is read again")
    },
]
