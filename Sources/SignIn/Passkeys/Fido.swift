import Authority
import CFido2

/// The two things that libfido2 does here. It gets copies, and gives none of its memory out.
enum Fido {
    /// The credential in authenticator data (W3C Web Authentication §6.5.1); nil for malformed ones, and for keys of
    /// other algorithms than ``PasskeyAlgorithm`` lists.
    static func credential(in data: [UInt8]) -> (id: [UInt8], key: PasskeyKey)? {
        fido_init(0)
        for algorithm in PasskeyAlgorithm.allCases {
            var credential = unsafe fido_cred_new()
            guard unsafe credential != nil else { return nil }
            defer { unsafe fido_cred_free(&credential) }
            guard unsafe fido_cred_set_type(credential, CInt(algorithm.cose)) == FIDO_OK,
                unsafe fido_cred_set_authdata_raw(credential, data, data.count) == FIDO_OK
            else { continue }
            let id = unsafe bytes(fido_cred_id_ptr(credential), fido_cred_id_len(credential))
            let key = unsafe bytes(fido_cred_pubkey_ptr(credential), fido_cred_pubkey_len(credential))
            guard (1...Passkey.longestID).contains(id.count), key.count == algorithm.keyLength else {
                continue
            }
            return (id, PasskeyKey(algorithm, key))
        }
        return nil
    }

    /// Whether `signature` is the key's own, of its algorithm, over the data and the hash; for this relying party, touched,
    /// and verified where that is asked for.
    static func isValid(
        _ signature: [UInt8], by key: PasskeyKey, over data: [UInt8], clientDataHash: [UInt8],
        relyingParty: String, mustVerify: Bool
    ) -> Bool {
        guard clientDataHash.count == 32 else { return false }
        fido_init(0)
        var assertion = unsafe fido_assert_new()
        guard unsafe assertion != nil else { return false }
        defer { unsafe fido_assert_free(&assertion) }
        let isSet =
            unsafe fido_assert_set_clientdata_hash(assertion, clientDataHash, clientDataHash.count)
            == FIDO_OK
            && fido_assert_set_rp(assertion, relyingParty) == FIDO_OK
            && fido_assert_set_up(assertion, FIDO_OPT_TRUE) == FIDO_OK
            && fido_assert_set_uv(assertion, mustVerify ? FIDO_OPT_TRUE : FIDO_OPT_OMIT) == FIDO_OK
            && fido_assert_set_count(assertion, 1) == FIDO_OK
            && fido_assert_set_authdata_raw(assertion, 0, data, data.count) == FIDO_OK
            && fido_assert_set_sig(assertion, 0, signature, signature.count) == FIDO_OK
        guard isSet else { return false }
        let algorithm = CInt(key.algorithm.cose)
        return unsafe lend(key) { unsafe fido_assert_verify(assertion, 0, algorithm, $0) == FIDO_OK } ?? false
    }

    /// Whether the key is one at all: a point on its curve; a modulus with the usual exponent.
    static func isUsable(_ key: PasskeyKey) -> Bool {
        guard key.algorithm != .rs256 || key.bytes.suffix(3).elementsEqual([1, 0, 1]) else { return false }
        return unsafe lend(key) { _ in true } ?? false
    }

    /// Lends the key as libfido2 has it; nil for what is none.
    private static func lend(_ key: PasskeyKey, _ use: (UnsafeRawPointer?) -> Bool) -> Bool? {
        guard key.bytes.count == key.algorithm.keyLength else { return nil }
        switch key.algorithm {
        case .es256:
            var made = unsafe es256_pk_new()
            defer { unsafe es256_pk_free(&made) }
            guard unsafe es256_pk_from_ptr(made, key.bytes, key.bytes.count) == FIDO_OK else { return nil }
            return unsafe use(UnsafeRawPointer(made))
        case .eddsa:
            var made = unsafe eddsa_pk_new()
            defer { unsafe eddsa_pk_free(&made) }
            guard unsafe eddsa_pk_from_ptr(made, key.bytes, key.bytes.count) == FIDO_OK else { return nil }
            return unsafe use(UnsafeRawPointer(made))
        case .rs256:
            var made = unsafe rs256_pk_new()
            defer { unsafe rs256_pk_free(&made) }
            guard unsafe rs256_pk_from_ptr(made, key.bytes, key.bytes.count) == FIDO_OK else { return nil }
            return unsafe use(UnsafeRawPointer(made))
        }
    }

    private static func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
        guard let start = unsafe start, count > 0 else { return [] }
        return unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }
}

extension PasskeyAlgorithm {
    /// Bytes of ``PasskeyKey/bytes``, as libfido2 has them.
    var keyLength: Int {
        switch self {
        case .es256: 64
        case .eddsa: 32
        case .rs256: 259
        }
    }
}
