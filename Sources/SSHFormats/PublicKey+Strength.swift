import Crypto

extension PublicKey {
    /// Says whether this key is strong enough to be certified: RSA of 3,072…16,384 bits with an exponent of
    /// at least 65,537; Ed25519 not of small order. NIST P-256 keys always are.
    ///
    /// - Throws: ``KeyError/tooWeak(bits:)``, ``KeyError/smallExponent``, ``KeyError/smallOrder``
    public func checkStrength() throws(KeyError) {
        switch numbers {
        case .rsa(let modulus, let exponent):
            let bits = bitLength(modulus)
            guard bits >= 3072 else { throw .tooWeak(bits: bits) }
            guard bitLength(exponent) >= 17 else { throw .smallExponent }
        case .ed25519(let key), .skEd25519(let key, _):
            guard !SmallOrder.contains(Array(key.rawRepresentation)) else { throw .smallOrder }
        case .p256, .skP256:
            return
        }
    }
}

/// The points of edwards25519 whose order divides 8, in every encoding that libraries accept. Anyone can make
/// signatures that such a "key" verifies.
private enum SmallOrder {
    static func contains(_ point: [UInt8]) -> Bool {
        guard let last = point.last else { return false }
        let unsigned = point.dropLast() + [last & 0x7f]
        return encodings.contains { $0.elementsEqual(unsigned) }
    }

    private static let encodings: [[UInt8]] = [
        [UInt8](repeating: 0, count: 32),
        [1] + [UInt8](repeating: 0, count: 31),
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
            0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
            0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ],
        [0xec] + [UInt8](repeating: 0xff, count: 30) + [0x7f],
        [0xed] + [UInt8](repeating: 0xff, count: 30) + [0x7f],
        [0xee] + [UInt8](repeating: 0xff, count: 30) + [0x7f],
    ]
}
