import Ledger
import Posix
import SSHFormats
import SignerProtocol
import SignerVault
import Synchronization
import Testing

@Suite struct `The signer's protocol` {
    @Test(arguments: [
        SignerRequest.hello(version: 1), .certificate(.hostCA, toBeSigned: [1, 2, 3]),
        .checkpoint(body: [9], consistency: [.empty, .leaf([1])]), .hostState(payload: [4]),
        .tls(toBeSigned: []),
        .checkpointHead,
    ])
    func `carries each request there`(_ request: SignerRequest) throws {
        let frame = request.frame(id: 7)
        #expect(frame.id == 7)
        #expect(try SignerRequest(frame) == request)
        let longer = Frame(type: frame.type, id: 7, payload: frame.payload + [0])
        #expect(throws: SignerFault(.badFrame, "request \(frame.type) is malformed")) {
            try SignerRequest(longer)
        }
    }

    @Test func `carries each reply back`() throws {
        let key = try PrivateKey.generate(.ed25519)
        let known = SignerKey(role: .userCA, publicKey: key.publicKey, state: .retiring, profile: "rate=1")
        let replies: [SignerReply] = [
            .hello(SignerGreeting(version: 1, instance: [1, 2], keys: [known])),
            .signature(try key.sign([1])),
            .bytes([1, 2, 3]), .checkpointHead(CheckpointHead(size: 3, root: .empty)),
            .fault(SignerFault(.staleEpoch, "so it is")),
        ]
        for reply in replies {
            let frame = reply.frame(id: 1)
            #expect(try SignerReply(frame) == reply)
            let shorter = Frame(type: frame.type, id: 1, payload: Array(frame.payload.dropLast()))
            #expect(throws: SignerFault(.badFrame, "reply \(frame.type) is malformed")) {
                try SignerReply(shorter)
            }
        }
    }

    @Test func `treats an unknown code as a refusal`() throws {
        var writer = WireWriter()
        writer.string("from-the-future")
        writer.string("no")
        let frame = Frame(type: 255, id: 1, payload: writer.bytes)
        #expect(try SignerReply(frame) == .fault(SignerFault(.profileRefused, "no")))
    }

    @Test func `cuts frames out of any pieces`() throws {
        var writer = WireWriter()
        let frames = (1...5).map { Frame(type: 1, id: $0, payload: [UInt8](repeating: 8, count: Int($0))) }
        for frame in frames { frame.write(to: &writer) }
        var decoder = FrameDecoder()
        var found: [Frame] = []
        for byte in writer.bytes {
            decoder.append([byte])
            while let frame = try decoder.next() { found.append(frame) }
        }
        #expect(found == frames)
    }

    @Test(arguments: [[0, 0, 0, 0], [0, 0, 0, 4], [0, 4, 32, 1], [255, 255, 255, 255]] as [[UInt8]])
    func `refuses a length out of range before waiting for it`(_ bytes: [UInt8]) throws {
        var decoder = FrameDecoder()
        decoder.append(bytes)
        let length = bytes.reduce(0) { $0 << 8 | Int($1) }
        #expect(throws: FrameError.badLength(length)) { try decoder.next() }
    }
}

@Suite struct `A connection to the signer` {
    private let sample: SampleVault
    private let log = Log()

    private final class Log: Sendable {
        private let text = Mutex("")

        var lines: [Substring] { text.withLock { $0.split(separator: "\n") } }

        func write(_ more: String) { text.withLock { $0 += more } }
    }

    init() throws { sample = try SampleVault() }

    private func session() -> SignerSession {
        SignerSession(sample.vault, peer: 1_000, now: { SampleVault.now }, log: { [log] in log.write($0) })
    }

    private func bytes(_ requests: [SignerRequest]) -> [UInt8] {
        var writer = WireWriter()
        for (index, request) in requests.enumerated() {
            request.frame(id: UInt32(index + 1)).write(to: &writer)
        }
        return writer.bytes
    }

    private func replies(_ bytes: [UInt8]) throws -> [SignerReply] {
        var decoder = FrameDecoder()
        decoder.append(bytes)
        var replies: [SignerReply] = []
        while let frame = try decoder.next() { replies.append(try SignerReply(frame)) }
        return replies
    }

    @Test func `answers all requests of a packet in their order, and logs each signature, Y05`() throws {
        var session = session()
        let bad = SampleCertificate(principals: ["deploy"])
        let packet = bytes([
            .hello(version: 1), try SampleCertificate().request(sample), try bad.request(sample),
            .checkpointHead,
        ])
        let (answer, goesOn) = session.receive(packet)
        let replies = try replies(answer)
        #expect(goesOn)
        #expect(replies.count == 4)
        #expect(replies.last == .checkpointHead(CheckpointHead(size: 0, root: .empty)))
        #expect(log.lines.count == 2)
        #expect(log.lines.first?.contains("\"serial\":\"42\"") == true)
        #expect(log.lines.first?.hasSuffix("\"event\":\"signed\"}") == true)
        #expect(log.lines.last?.contains("\"code\":\"profile-refused\"") == true)
    }

    @Test func `begins with hello in our version`() throws {
        var early = session()
        let (answer, goesOn) = early.receive(bytes([.checkpointHead]))
        #expect(!goesOn)
        #expect(try replies(answer) == [.fault(SignerFault(.wrongVersion, "the first request is hello"))])
        var old = session()
        let other = old.receive(bytes([.hello(version: 2)]))
        #expect(
            try replies(other.replies) == [.fault(SignerFault(.wrongVersion, "this signer speaks version 1"))]
        )
    }

    @Test(
        arguments: [[0, 0, 0, 5, 77, 0, 0, 0, 1], [255, 255, 255, 255], [0, 0, 0, 6, 1, 0, 0, 0, 1, 0]]
            as [[UInt8]])
    func `ends with an error at a hostile frame`(_ hostile: [UInt8]) throws {
        var session = session()
        let (answer, goesOn) = session.receive(bytes([.hello(version: 1)]) + hostile)
        let replies = try replies(answer)
        #expect(!goesOn)
        #expect(replies.count == 2)
        guard case .fault(let fault) = replies.last else {
            Issue.record("no fault")
            return
        }
        #expect(fault.code == .badFrame)
    }

    @Test func `survives every cut and many flips of every request`() throws {
        let state: [UInt8] = [1, 2, 3]
        let requests: [SignerRequest] = [
            try SampleCertificate().request(sample), .checkpoint(body: state, consistency: [.empty]),
            .hostState(payload: state), .tls(toBeSigned: [0x30, 0x03, 1, 2, 3]),
        ]
        for request in requests {
            let frame = request.frame(id: 1)
            for count in 0..<frame.payload.count {
                let cut = Frame(type: frame.type, id: 1, payload: Array(frame.payload.prefix(count)))
                #expect(throws: SignerFault.self) { try SignerRequest(cut) }
                var flipped = frame.payload
                flipped[count] ^= 0x55
                guard let read = try? SignerRequest(Frame(type: frame.type, id: 1, payload: flipped)) else {
                    continue
                }
                guard case .certificate = read, case .signature = sample.ask(read) else { continue }
                // A flip in nonce, key, serial or key ID is still a certificate within the profile.
                #expect(try CertificateDraft(parsingToBeSigned: flipped.dropFirst(14)).kind == .user)
            }
        }
    }
}
