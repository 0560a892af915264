import Authority
import AuthorityAPI
import Names

/// What the browser says that it asked the authenticator for (W3C Web Authentication §5.8.1).
struct ClientData: Sendable {
    enum Kind: String, Sendable {
        case create = "webauthn.create"
        case get = "webauthn.get"
    }

    /// Bytes that are looked at.
    static let longest = 4_096

    /// Checks all of it.
    ///
    /// - Throws: ``PasskeyFault`` with the first thing that is not as expected.
    static func check(
        _ bytes: [UInt8], _ kind: Kind, _ expected: PasskeyExpectation
    ) throws(PasskeyFault) {
        guard bytes.count <= longest, let value = try? JSONValue.read(bytes), case .object = value else {
            throw .malformed
        }
        guard value["type"]?.text == kind.rawValue else { throw .wrongType }
        guard let challenge = value["challenge"]?.base64URL,
            constantTimeEquals(challenge, expected.challenge)
        else { throw .wrongChallenge }
        guard let origin = value["origin"]?.text, expected.origins.contains(origin) else {
            throw .wrongOrigin
        }
        // A page within another page of somebody else's.
        switch value["crossOrigin"] {
        case nil, .bool(false): break
        default: throw .wrongOrigin
        }
        guard value["topOrigin"] == nil else { throw .wrongOrigin }
    }
}
