import Crypto

extension PublicKey {
    /// The sizes of an RSA modulus that may be certified, in bits.
    public static let certifiedRSABits = 3072...8192

    /// Says whether this key is strong enough to be certified: RSA of 3,072…8,192 bits with an exponent of at least
    /// 65,537, no small factor, factors not close together, not of the ROCA kind; Ed25519 not of small order. Keys on
    /// NIST curves always are: their points have been checked.
    ///
    /// It takes less than a millisecond, also for keys that were made to take long.
    /// - Parameter others: Names of types that are not known here and shall pass: about them nothing can be said.
    /// - Throws: ``KeyError/tooWeak(bits:)``, ``KeyError/tooLarge(bits:)``, ``KeyError/smallExponent``,
    ///   ``KeyError/smallFactor(_:)``, ``KeyError/closeFactors``, ``KeyError/roca``, ``KeyError/smallOrder``,
    ///   ``KeyError/unknownType(_:)``
    public func checkStrength(allowing others: Set<String> = []) throws(KeyError) {
        switch numbers {
        case .rsa(let modulus, let exponent):
            let bits = bitLength(modulus)
            guard bits >= Self.certifiedRSABits.lowerBound else { throw .tooWeak(bits: bits) }
            guard bits <= Self.certifiedRSABits.upperBound else { throw .tooLarge(bits: bits) }
            guard bitLength(exponent) >= 17 else { throw .smallExponent }
            try RSAWeakness.check(modulus)
        case .ed25519(let key), .skEd25519(let key, _):
            guard !SmallOrder.contains(Array(key.rawRepresentation)) else { throw .smallOrder }
        case .ecdsa, .skP256:
            return
        case .other:
            guard others.contains(type.name) else { throw .unknownType(type.name) }
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
