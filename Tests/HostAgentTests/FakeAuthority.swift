import AuthorityAPI
import Crypto
import FoundationEssentials
import HostDocuments
import Names
import SSHFormats
import Synchronization

@testable import HostAgent

/// An authority in memory: it has the keys, keeps what it was asked, and answers what the test sets.
final class FakeAuthority: AuthorityPort {
    static let hostName = "web1.example.com"
    static let time = UnixTime(1_790_000_000)

    let userCA: PrivateKey
    let hostCA: PrivateKey
    let stateKey: PrivateKey
    private let shared: Mutex<Shared>

    struct Shared {
        var reply: HostStateReply?
        var fault: AuthorityFault?
        var asked: [[UInt8]] = []
        var certificates = 0
        var acknowledged: [HostAcknowledgementRequest] = []
        var validity = 30 * 86_400 as UInt64
        /// Signs host certificates instead of the host CA.
        var signer: PrivateKey?
        var certifiedName = FakeAuthority.hostName
        var kind = CertificateKind.host
    }

    init() throws {
        userCA = try PrivateKey.generate(.ed25519)
        hostCA = try PrivateKey.generate(.ed25519)
        stateKey = try PrivateKey.generate(.ed25519)
        shared = Mutex(Shared())
    }

    /// The same authority in another process.
    init(seeds: [[UInt8]]) throws {
        let keys = try seeds.map { try PrivateKey(ed25519Seed: $0) }
        (userCA, hostCA, stateKey) = (keys[0], keys[1], keys[2])
        shared = Mutex(Shared())
    }

    var seeds: [[UInt8]] { [userCA, hostCA, stateKey].compactMap(\.ed25519Seed) }

    var asked: [[UInt8]] { shared.withLock { $0.asked } }
    var certificates: Int { shared.withLock { $0.certificates } }
    var acknowledged: [HostAcknowledgementRequest] { shared.withLock { $0.acknowledged } }
    func set(_ change: (inout Shared) -> Void) { shared.withLock { change(&$0) } }

    /// A signed reply; each parameter spoils or varies one thing.
    func reply(
        version: UInt64 = 1, epoch: UInt64 = 1, issuedAt: UInt64 = time.seconds, host: String = hostName,
        labels: [String] = ["env=staging"], notAfter: UInt64 = time.seconds + 86_400, krl: [UInt8]? = nil,
        krlHash: [UInt8]? = nil, keys: [PublicKey]? = nil
    ) throws -> HostStateReply {
        let krl = try krl ?? Self.krl(revoking: [], by: userCA.publicKey)
        let hash = krlHash ?? Array(SHA256.hash(data: krl))
        let state = try HostState(
            host: host, epoch: epoch, version: version, issuedAt: issuedAt, notAfter: notAfter, krlHash: hash,
            hostKRLHash: Array(SHA256.hash(data: [])), labels: labels, userCAKeys: keys ?? [userCA.publicKey])
        return try reply(payload: state.encoded, krl: krl)
    }

    /// Signs any bytes as a state.
    func reply(payload: [UInt8], krl: [UInt8], by key: PrivateKey? = nil) throws -> HostStateReply {
        let signature = try (key ?? stateKey).sign(payload).bytes
        return HostStateReply(
            state: base64(payload), signature: base64(signature), userKRL: base64(krl),
            hostName: Self.hostName)
    }

    static func krl(revoking serials: [UInt64], by authority: PublicKey) throws -> [UInt8] {
        var builder = KRLBuilder(version: 1, generated: time)
        for serial in serials { try builder.revoke(serial: serial, by: authority) }
        return builder.build().encoded()
    }

    func certificate(
        for key: PublicKey, kind: CertificateKind, serial: UInt64, principals: [String],
        by authority: PrivateKey,
        validity: Validity
    ) throws -> Certificate {
        let draft = try CertificateDraft(
            kind: kind, publicKey: key, serial: serial, keyID: "test", principals: try Principals(principals),
            validity: validity, extensions: kind == .user ? .standard : .none,
            nonce: (0..<32).map { _ in .random(in: 0...255) }, signatureKey: authority.publicKey)
        return try draft.sealed(with: try authority.sign(draft.toBeSigned))
    }

    func enrol(_ token: Secret<String>) async throws(AuthorityFault) -> EnrolReply {
        try note(EnrolRequest(token: token.withExposed { $0 }))
        return EnrolReply(
            identity: "host:" + Self.hostName, needs: .hostKeys, totpSecret: nil, otpauth: nil,
            challenge: String(repeating: "5a", count: 32), enrolment: "opaque")
    }

    func enrolHost(_ request: EnrolHostRequest) async throws(AuthorityFault) -> EnrolHostReply {
        try note(request)
        for proof in request.hostKeys where !Self.verifies(proof) {
            throw .refused(
                Problem(code: "bad-proof", title: "No.", status: 403, detail: nil, requestID: "r1"))
        }
        return EnrolHostReply(host: Self.hostName, authority: info)
    }

    func hostCertificates(
        _ request: HostCertificatesRequest
    ) async throws(AuthorityFault) -> HostCertificatesReply {
        try note(request)
        do {
            let lines = try request.publicKeys.map { line in
                let set = shared.withLock { shared in
                    shared.certificates += 1
                    return shared
                }
                let validity = try Validity(
                    validAfter: Self.time, validBefore: Self.time.advanced(by: Int64(set.validity)))
                return try certificate(
                    for: try PublicKey(text: line), kind: set.kind, serial: UInt64(set.certificates),
                    principals: [set.certifiedName], by: set.signer ?? hostCA, validity: validity
                ).text()
            }
            return HostCertificatesReply(certificates: lines)
        } catch {
            throw .unreachable("\(error)")
        }
    }

    func hostState() async throws(AuthorityFault) -> HostStateReply {
        try note("state")
        do { return try shared.withLock { $0.reply } ?? reply() } catch { throw .unreachable("\(error)") }
    }

    func acknowledge(
        _ request: HostAcknowledgementRequest
    ) async throws(AuthorityFault) -> HostAcknowledgementReply {
        let fault = shared.withLock { shared in
            if shared.fault == nil { shared.acknowledged.append(request) }
            return shared.fault
        }
        if let fault { throw fault }
        return HostAcknowledgementReply(stateVersion: request.version)
    }

    func authority() async throws(AuthorityFault) -> AuthorityInfo { info }

    func events(_ arrived: @escaping @Sendable (AuthorityPush) -> Void) async throws(AuthorityFault) {
        arrived(.state)
    }

    private var info: AuthorityInfo {
        AuthorityInfo(
            origin: "example.com", version: "1", userCAKeys: [userCA.publicKey.text()], plainUserCAKeys: [],
            hostCAKeys: [hostCA.publicKey.text()], hostStateKey: stateKey.publicKey.text(), checkpointKey: "",
            now: Self.time.seconds)
    }

    private func note(_ request: some Encodable) throws(AuthorityFault) {
        let bytes = (try? JSONEncoder().encode(request)).map(Array.init) ?? []
        let fault = shared.withLock { shared in
            shared.asked.append(bytes)
            return shared.fault
        }
        if let fault { throw fault }
    }

    private static func verifies(_ proof: EnrolHostRequest.HostKey) -> Bool {
        let challenge = [UInt8](repeating: 0x5a, count: 32)
        guard let key = try? PublicKey(text: proof.publicKey),
            let blob = Data(base64Encoded: proof.signature),
            let signature = try? Signature(blob: Array(blob))
        else { return false }
        let signed = Array("keyreeve host enrolment v1\0".utf8) + challenge
        return (try? key.verify(signature, over: signed)) != nil
    }
}

func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
