import Crypto
import CryptoExtras

/// The numbers of an RSA private key, big-endian, and the key made of them.
struct RSAPrivateNumbers: Sendable {
    let n: [UInt8]
    let e: [UInt8]
    let d: [UInt8]
    /// The inverse of q modulo p.
    let iqmp: [UInt8]
    let p: [UInt8]
    let q: [UInt8]
    let key: _RSA.Signing.PrivateKey

    static func generate() throws(KeyError) -> RSAPrivateNumbers {
        do {
            return try RSAPrivateNumbers(try _RSA.Signing.PrivateKey(keySize: .bits3072))
        } catch {
            throw .refused("RSA key")
        }
    }

    init(_ key: _RSA.Signing.PrivateKey) throws(KeyError) {
        let numbers = try Self.numbers(pkcs1: Array(key.derRepresentation))
        guard numbers.count == 9 else { throw .malformed("RSAPrivateKey") }
        self.key = key
        n = numbers[1]
        e = numbers[2]
        d = numbers[3]
        p = numbers[4]
        q = numbers[5]
        iqmp = numbers[8]
    }

    /// Reads n, e, d, iqmp, p, q.
    init(from reader: inout WireReader) throws(KeyError) {
        let (n, e) = try KeyError.wrap { () throws(WireError) in
            (Array(try reader.mpint(limit: KeyNumbers.modulusLimit)), Array(try reader.mpint(limit: 8)))
        }
        try self.init(n: n, e: e, from: &reader)
    }

    /// Reads d, iqmp, p, q.
    init(n: [UInt8], e: [UInt8], from reader: inout WireReader) throws(KeyError) {
        _ = try KeyNumbers.rsa(modulus: n[...], exponent: e[...])
        guard bitLength(n) >= 2048 else { throw .tooWeak(bits: bitLength(n)) }
        self.n = n
        self.e = e
        let limit = KeyNumbers.modulusLimit
        (d, iqmp, p, q) = try KeyError.wrap { () throws(WireError) in
            (
                Array(try reader.mpint(limit: limit)), Array(try reader.mpint(limit: limit)),
                Array(try reader.mpint(limit: limit)), Array(try reader.mpint(limit: limit))
            )
        }
        do {
            key = try _RSA.Signing.PrivateKey(n: n, e: e, d: d, p: p, q: q)
        } catch {
            throw .halvesDiffer
        }
    }

    /// The integers of the one SEQUENCE of an RSAPrivateKey (RFC 8017 §A.1.2) that our own library wrote.
    private static func numbers(pkcs1 der: [UInt8]) throws(KeyError) -> [[UInt8]] {
        var rest = der[...]
        guard let sequence = element(0x30, &rest), rest.isEmpty else { throw .malformed("RSAPrivateKey") }
        rest = sequence
        var numbers: [[UInt8]] = []
        while !rest.isEmpty {
            guard let number = element(0x02, &rest) else { throw .malformed("RSAPrivateKey") }
            numbers.append(Array(number.drop { $0 == 0 }))
        }
        return numbers
    }

    private static func element(_ tag: UInt8, _ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard rest.popFirst() == tag, let first = rest.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let digits = rest.prefix(Int(first & 0x7f))
            guard (1...4).contains(digits.count) else { return nil }
            length = digits.reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(digits.count)
        }
        guard length <= rest.count else { return nil }
        defer { rest = rest.dropFirst(length) }
        return rest.prefix(length)
    }
}
