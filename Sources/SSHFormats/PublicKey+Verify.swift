import Crypto
import CryptoExtras

extension PublicKey {
    /// Checks that the owner of this key signed these bytes.
    ///
    /// FIDO signatures are checked with their flags and counter; whether a touch was needed is for the caller
    /// to say.
    /// - Throws: ``SignatureError/wrongAlgorithm(_:key:)``, ``SignatureError/unusableKey``,
    ///   ``SignatureError/invalid``
    public func verify(_ signature: Signature, over bytes: [UInt8]) throws(SignatureError) {
        try verify(signature, over: bytes[...])
    }

    /// Checks that the owner of this key signed these bytes.
    ///
    /// - Throws: ``SignatureError/wrongAlgorithm(_:key:)``, ``SignatureError/unusableKey``,
    ///   ``SignatureError/invalid``
    public func verify(_ signature: Signature, over bytes: ArraySlice<UInt8>) throws(SignatureError) {
        guard try isValid(signature, over: bytes) else { throw .invalid }
    }

    private func isValid(
        _ signature: Signature, over bytes: ArraySlice<UInt8>
    ) throws(SignatureError) -> Bool {
        switch (numbers, SignatureAlgorithm(rawValue: signature.algorithm)) {
        case (.ed25519(let key), .ed25519):
            return key.isValidSignature(signature.bytes, for: bytes)
        case (.ecdsa(let key), let algorithm?) where algorithm == key.curve.algorithm:
            return try key.isValid(SignatureAlgorithm.ecdsaRaw(signature.bytes, key.curve), for: bytes)
        case (.rsa(let modulus, let exponent), .rsaSHA256):
            let key = try Self.rsa(modulus, exponent)
            return key.isValid(signature, of: modulus.count, for: SHA256.hash(data: bytes))
        case (.rsa(let modulus, let exponent), .rsaSHA512):
            let key = try Self.rsa(modulus, exponent)
            return key.isValid(signature, of: modulus.count, for: SHA512.hash(data: bytes))
        case (.skEd25519(let key, let application), .skEd25519):
            return key.isValidSignature(
                signature.bytes, for: Self.tokenMessage(bytes, application: application, signature))
        case (.skP256(let key, let application), .skECDSAP256):
            return try key.isValid(
                SignatureAlgorithm.ecdsaRaw(signature.bytes, .p256),
                for: Self.tokenMessage(bytes, application: application, signature))
        case (.other, _): throw .unusableKey
        case (.ed25519, _), (.ecdsa, _), (.rsa, _), (.skEd25519, _), (.skP256, _):
            throw .wrongAlgorithm(signature.algorithm, key: type.name)
        }
    }

    private static func rsa(
        _ modulus: [UInt8], _ exponent: [UInt8]
    ) throws(SignatureError) -> _RSA.Signing.PublicKey {
        guard bitLength(modulus) >= 2048 else { throw .unusableKey }
        do {
            return try _RSA.Signing.PublicKey(n: modulus, e: exponent)
        } catch {
            throw .unusableKey
        }
    }

    /// What a FIDO token signs: hashes of application and message around its flags and counter
    /// (PROTOCOL.u2f).
    private static func tokenMessage(
        _ bytes: ArraySlice<UInt8>, application: String, _ signature: Signature
    ) -> [UInt8] {
        var writer = WireWriter(capacity: 69)
        writer.raw(Array(SHA256.hash(data: Array(application.utf8))))
        writer.byte(signature.flags ?? 0)
        writer.uint32(signature.counter ?? 0)
        writer.raw(Array(SHA256.hash(data: bytes)))
        return writer.bytes
    }
}

extension _RSA.Signing.PublicKey {
    /// PKCS #1 v1.5; a signature shorter than the modulus stands for one with zeros before it, as OpenSSH has
    /// it.
    fileprivate func isValid(_ signature: Signature, of size: Int, for digest: some Digest) -> Bool {
        guard signature.bytes.count <= size else { return false }
        let signature = _RSA.Signing.RSASignature(rawRepresentation: padded(signature.bytes, to: size))
        return isValidSignature(signature, for: digest, padding: .insecurePKCS1v1_5)
    }
}
