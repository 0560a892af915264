import Crypto
package import Names
import SSHFormats

/// A session just made, with its token: shown once, stored only as a hash.
package struct NewSession: Sendable {
    package let session: Session
    package let token: Secret<String>

    /// The facts that make it last.
    var fact: Fact { .sessionStarted(session, tokenHash: token.withExposed { TokenHash.of($0) }) }

    static func start(
        for identity: IdentityID, device: IdentityID?, factors: ProvenFactors, boundTo key: PublicKey,
        source: String, in world: World
    ) -> NewSession {
        let now = world.now()
        let session = Session(
            id: Hexadecimal.text(world.random(16)), identity: identity, device: device, factors: factors,
            boundTo: key.fingerprint, source: source, startedAt: now, lastUsedAt: now)
        return NewSession(session: session, token: Secret(Base64URL.text(world.random(32))))
    }
}

/// Tokens are stored as the SHA-256 of their text.
package enum TokenHash {
    package static func of(_ token: String) -> [UInt8] { of(Array(token.utf8)) }
    package static func of(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
}

/// RFC 4648 §5, without padding.
package enum Base64URL {
    package static func text(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var out: [UInt8] = []
        var buffer: UInt32 = 0
        var held: UInt32 = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            held += 8
            while held >= 6 {
                held -= 6
                out.append(alphabet[Int(buffer >> held & 63)])
            }
        }
        if held > 0 { out.append(alphabet[Int(buffer << (6 - held) & 63)]) }
        return String(decoding: out, as: UTF8.self)
    }
}

enum Hexadecimal {
    static func text(_ bytes: some Collection<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension Hexadecimal {
    /// nil unless `text` is an even number of lower-case hexadecimal digits.
    static func bytes(_ text: String) -> [UInt8]? {
        var out: [UInt8] = []
        var high: UInt8?
        for digit in text.utf8 {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            default: return nil
            }
            if let first = high {
                out.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? out : nil
    }
}
