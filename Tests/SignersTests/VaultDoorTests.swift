import Posix
import SSHFormats
import SignerProtocol
import SignerVault
import Synchronization
import Testing

/// A folder with keys, as a signer finds it that has no key file.
@Suite struct `A sealed signer` {
    private let folder = SampleVault.newFolder()
    private let key: UnlockKey

    init() throws {
        try SampleVault.prepare(folder)
        key = UnlockKey(try DurableFile("\(folder)/signer.key").read(limit: 64))
    }

    private func door() throws -> VaultDoor {
        try VaultDoor(sealed: VaultFolder(folder), now: { SampleVault.now })
    }

    private func ask(
        _ door: VaultDoor, _ requests: [SignerRequest], as peer: UInt32 = ProcessHardening.currentUID,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> [SignerReply] {
        var session = SignerSession(door, peer: peer, now: { SampleVault.now }, log: log)
        var writer = WireWriter()
        for (index, request) in ([.hello(version: 1)] + requests).enumerated() {
            request.frame(id: UInt32(index)).write(to: &writer)
        }
        var decoder = FrameDecoder()
        decoder.append(session.receive(writer.bytes).replies)
        var replies: [SignerReply] = []
        while let frame = try decoder.next() { replies.append(try SignerReply(frame)) }
        return Array(replies.dropFirst())
    }

    private func code(_ reply: SignerReply?) -> SignerFault.Code? {
        guard case .fault(let fault) = reply else { return nil }
        return fault.code
    }

    @Test func `tells its public keys and signs nothing`() throws {
        let open = try SampleVault(reopening: folder)
        let certificate = try SampleCertificate().request(open)
        let keys = open.keys
        let other = SampleVault.newFolder()
        try SampleVault.prepare(other)
        let door = try VaultDoor(sealed: VaultFolder(other), now: { SampleVault.now })
        let replies = try ask(
            door,
            [
                .hello(version: 1), certificate, .checkpointHead, .tls(toBeSigned: [1]),
                .hostState(payload: []),
            ]
        )
        guard case .hello(let greeting) = replies.first else { throw SignerFault(.badFrame, "no greeting") }
        #expect(greeting.keys.count == SignerRole.allCases.count)
        #expect(!greeting.keys.map(\.publicKey).contains { keys.values.contains($0) })
        #expect(replies.dropFirst().map(code) == [.sealed, .sealed, .sealed, .sealed])
    }

    @Test func `is unlocked by its key file alone, and then signs with the same keys`() throws {
        let door = try door()
        let wrong = UnlockKey(key.bytes.map { $0 ^ 1 })
        let replies = try ask(
            door, [.unlock(wrong), .unlock(UnlockKey([])), .checkpointHead, .unlock(key), .hello(version: 1)])
        #expect(replies.prefix(3).map(code) == [.wrongKey, .wrongKey, .sealed])
        #expect(replies[3] == .unlocked)
        guard case .hello(let greeting) = replies[4] else { throw SignerFault(.badFrame, "no greeting") }
        let signing = try #require(greeting.keys.first { $0.role == .userCA }?.publicKey)
        let draft = try CertificateDraft(
            kind: .user, publicKey: PrivateKey.generate(.ed25519).publicKey, serial: 1, keyID: "alice",
            principals: Principals(["deploy@web1"]),
            validity: Validity(
                validAfter: UnixTime(SampleVault.now - 60), validBefore: UnixTime(SampleVault.now + 60)),
            nonce: secureRandom(32), signatureKey: signing)
        let signed = try ask(door, [.certificate(.userCA, toBeSigned: draft.toBeSigned)])
        guard case .signature(let signature) = signed.first else {
            throw SignerFault(.badFrame, "no signature")
        }
        _ = try draft.sealed(with: signature)
    }

    @Test func `Y05 is not unlocked by the server's user, and the try is logged without the key`() throws {
        let lines = Mutex("")
        let replies = try ask(try door(), [.unlock(key), .checkpointHead], as: 4_242) { line in
            lines.withLock { $0 += line }
        }
        #expect(replies.map(code) == [.notAdmitted, .sealed])
        let text = lines.withLock { $0 }
        #expect(text.contains("\"peer\":4242,\"subject\":\"unlock\",\"event\":\"refused\""))
        #expect("\(key)" == "‹redacted›")
        #expect("\(SignerRequest.unlock(key))".contains("‹redacted›"))
    }

    @Test func `needs keys, and their public halves`() throws {
        let empty = SampleVault.newFolder()
        try Folder(empty).make()
        #expect(throws: VaultError.notPrepared(path: empty)) {
            try VaultDoor(sealed: VaultFolder(empty), now: { 0 })
        }
        try DurableFile("\(folder)/signer.public").remove()
        #expect(throws: VaultError.missing(path: "\(folder)/signer.public")) { try door() }
        _ = try SampleVault(reopening: folder)
        #expect(try !VaultFolder(folder).publicKeys().isEmpty, "an opening makes the file anew")
    }
}
