import HTTPTypes
import Hummingbird
import NIOCore
import Posix
import SSHFormats

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct BareContext: InitializableFromSource {
    init(source: ApplicationRequestContextSource) {}
}

/// Answers each request with a certificate as long as a real one, signed in process with P-256. It reads nothing out of
/// the request, decides nothing and records nothing: no server of this stack that signs can be faster.
struct BareSigner: HTTPResponder {
    private let key: PrivateKey
    private let draft: [UInt8]
    /// Where the nonce stands in the bytes to be signed: after the name of the type and its own length.
    private let nonce: Range<Int>

    init() throws {
        key = try PrivateKey.generate(.ecdsaP256)
        let now = UnixTime(WallClock.now())
        let identifier = "/grant:staging/session:0123456789abcdef"
        draft = try CertificateDraft(
            kind: .user, publicKey: PrivateKey.generate(.ed25519).publicKey, serial: 1,
            keyID: "alice/device:alice.laptop" + identifier,
            principals: Principals(["keyreeve-bench-alice@env=staging"]),
            validity: Validity(validAfter: now, validBefore: now.advanced(by: 3_600)),
            extensions: Extensions(permitPTY: true),
            nonce: [UInt8](repeating: 0, count: CertificateDraft.nonceLength),
            signatureKey: key.publicKey
        ).toBeSigned
        let start = 4 + KeyType.ed25519.certificateName.utf8.count + 4
        nonce = start..<start + CertificateDraft.nonceLength
    }

    func respond(to request: Request, context: BareContext) async throws -> Response {
        _ = try await request.body.collect(upTo: 65_536)
        let line = "\(KeyType.ed25519.certificateName) \(Data(try certificate()).base64EncodedString())"
        let json =
            #"{"certificate":"\#(line)","grant":"staging","principals":["keyreeve-bench-alice@env=staging"]}"#
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: json)))
    }

    private func certificate() throws -> [UInt8] {
        var toBeSigned = draft
        var generator = SystemRandomNumberGenerator()
        toBeSigned.replaceSubrange(
            nonce, with: nonce.map { _ in UInt8.random(in: 0...255, using: &generator) })
        var writer = WireWriter(capacity: toBeSigned.count + 96)
        writer.raw(toBeSigned)
        writer.string(try key.sign(toBeSigned).blob)
        return writer.bytes
    }
}
