public import AuthorityAPI
import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// By what a server is known at the first contact.
public enum ServerPin: Hashable, Sendable, CustomStringConvertible {
    /// SHA-256 of the DER of its self-made TLS root, 32 bytes.
    case root([UInt8])
    /// A publicly trusted certificate: the roots of the system decide.
    case web

    /// Reads `web`, or 43 letters of base64url without padding (RFC 4648 §5).
    ///
    /// - Throws: ``AddressError/notALink``.
    public init(_ text: String) throws(AddressError) {
        guard text != "web" else {
            self = .web
            return
        }
        guard text.utf8.count == 43, text.utf8.allSatisfy(Self.isBase64URL),
            let bytes = Data(base64Encoded: Self.standardAlphabet(text) + "="),
            bytes.count == SHA256.byteCount
        else { throw .notALink }
        self = .root(Array(bytes))
    }

    /// The pin of this certificate.
    public init(rootDER: [UInt8]) { self = .root(Array(SHA256.hash(data: rootDER))) }

    /// The text that stands in links.
    public var description: String {
        guard case .root(let hash) = self else { return "web" }
        let letters = Data(hash).base64EncodedString().utf8.compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: byte
            }
        }
        return String(decoding: letters, as: UTF8.self)
    }

    private static func standardAlphabet(_ text: String) -> String {
        let letters = text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        return String(decoding: letters, as: UTF8.self)
    }

    static func isBase64URL(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
