/// Looks for RSA moduli whose factors others find at once.
enum RSAWeakness {
    /// Steps of Fermat's method, as many as public certificate authorities take (CA/Browser Forum, Baseline
    /// Requirements §6.1.1.3). Factors of a well made key differ so much that none finds them.
    private static let fermatSteps = 100
    /// The primes that ROCA's fingerprint is taken over (Nemec et al., "The Return of Coppersmith's Attack", 2017).
    private static let primes = [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
        107,
        109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ]

    /// Says whether the factors of this modulus (big-endian, odd) are hidden.
    ///
    /// - Throws: ``KeyError/smallFactor(_:)``, ``KeyError/roca``, ``KeyError/closeFactors``
    static func check(_ modulus: [UInt8]) throws(KeyError) {
        let rests = primes.map { prime in modulus.reduce(0) { ($0 << 8 | Int($1)) % prime } }
        for (prime, rest) in zip(primes, rests) where rest == 0 { throw .smallFactor(prime) }
        guard !zip(primes, rests).allSatisfy({ isPower($1, modulo: $0) }) else { throw .roca }
        guard !hasCloseFactors(Natural(bigEndian: modulus)) else { throw .closeFactors }
    }

    /// Whether the rest is a power of 65,537: for the moduli of the flawed library, it is modulo each prime.
    private static func isPower(_ rest: Int, modulo prime: Int) -> Bool {
        var power = 1
        repeat {
            if power == rest { return true }
            power = power * 65_537 % prime
        } while power != 1
        return false
    }

    /// Fermat's method: the modulus is the difference of two squares, the greater of which is the first above it if
    /// the factors are near each other.
    private static func hasCloseFactors(_ modulus: Natural) -> Bool {
        var root = modulus.squareRoot()
        if root.squared() < modulus { root.add(1) }
        var difference = root.squared()
        difference.subtract(modulus)
        for _ in 0..<fermatSteps {
            if difference.isSquare { return true }
            // (a + 1)² - n = a² - n + 2a + 1
            difference.add(root)
            root.add(1)
            difference.add(root)
        }
        return false
    }
}
