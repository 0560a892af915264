import Authority
import Foundation
import Posix
import SSHFormats
import SignerProtocol
import SignerVault
import Signers
import Synchronization
import Testing

/// Stands between server and signer, and turns one bit of the request after hello, or of its reply.
private final class FlippingProxy: Sendable {
    enum Direction: Hashable, Sendable { case request, reply }

    private let listener: UnixListener
    private let signer: String
    private let plan = Mutex<(Direction, Int)>((.request, 0))

    init(path: String, signer: String) throws {
        listener = try UnixListener(path)
        self.signer = signer
    }

    func flip(_ direction: Direction, bit: Int) { plan.withLock { $0 = (direction, bit) } }

    func run() {
        while let client = try? listener.accept() { try? pass(client) }
    }

    /// Hello as it is, one request with its reply, the end.
    private func pass(_ client: UnixConnection) throws {
        let server = try UnixConnection.connect(signer)
        let (direction, bit) = plan.withLock { $0 }
        try server.write(try frame(client))
        try client.write(try frame(server))
        let request = try frame(client)
        try server.write(direction == .request ? Self.turned(request, bit) : request)
        // A longer length has the signer wait for more, which never comes.
        let reply = try server.read(upTo: 65_536, deadline: .after(milliseconds: 50))
        try client.write(direction == .reply ? Self.turned(reply, bit) : reply)
    }

    private static func turned(_ bytes: [UInt8], _ bit: Int) -> [UInt8] {
        guard bytes.indices.contains(bit / 8) else { return bytes }
        var bytes = bytes
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        return bytes
    }

    private func frame(_ connection: UnixConnection) throws -> [UInt8] {
        let deadline = Deadline.after(milliseconds: 5_000)
        let head = try connection.read(exactly: 4, deadline: deadline)
        let length = head.reduce(0) { $0 << 8 | Int($1) }
        return head + (try connection.read(exactly: length, deadline: deadline))
    }
}

@Suite struct `A bit that turns on the signer's socket` {
    /// Of the request every eleventh, which meets each field and each place in a byte; in `make soak` each.
    private static let step = ProcessInfo.processInfo.environment["KEYREEVE_SOAK"] == nil ? 11 : 1

    /// C10: every bit of the reply, and of the request those that ``step`` says.
    @Test func `C10 delivers what was proposed, or nothing`() async throws {
        let folder = SampleVault.newFolder()
        try SampleVault.prepare(folder)
        let files = try VaultFiles(folder: folder, keyFile: "\(folder)/signer.key")
        let server = SignerServer(
            try Vault(files, now: { WallClock.now() }), listener: try UnixListener("\(folder)/signer"),
            admitted: [ProcessHardening.currentUID], now: { WallClock.now() }, log: { _ in })
        try BlockingThread.start { server.run() }
        let proxy = try FlippingProxy(path: "\(folder)/proxy", signer: "\(folder)/signer")
        try BlockingThread.start { proxy.run() }
        let keys = SignerConnection(path: "\(folder)/signer")
        let key = try #require(try await keys.publicKeys()[.userCA])

        let (requests, replies) = (4_400, 1_000)
        var (delivered, refused) = (0, 0)
        let flips =
            stride(from: 0, to: requests, by: Self.step).map { (FlippingProxy.Direction.request, $0) }
            + (0..<replies).map { (FlippingProxy.Direction.reply, $0) }
        for (direction, bit) in flips {
            proxy.flip(direction, bit: bit)
            let now = WallClock.now()
            let draft = try CertificateDraft(
                kind: .user, publicKey: PrivateKey.generate(.ed25519).publicKey, serial: 7, keyID: "alice",
                principals: Principals(["deploy@web1"]),
                validity: Validity(validAfter: UnixTime(now - 60), validBefore: UnixTime(now + 3_600)),
                nonce: secureRandom(32), signatureKey: key)
            let signer = SignerConnection(path: "\(folder)/proxy", patience: .zero)
            do {
                let certificate = try draft.sealed(
                    with: try await signer.sign(SigningPermit(draft, by: .user)))
                #expect(certificate.blob.starts(with: draft.toBeSigned), "\(direction) \(bit)")
                try certificate.verifySignature()
                delivered += 1
            } catch {
                refused += 1
            }
            await signer.close()
        }
        // Bits behind the end of a message turn nothing; nor do those of the id, by which nobody waits any more.
        #expect(refused > 900, "\(refused) refused, \(delivered) delivered")
        #expect(delivered + refused == flips.count)
    }
}
