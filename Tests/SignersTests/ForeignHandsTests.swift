import HostDocuments
import Ledger
import Posix
import SSHFormats
import SignerProtocol
import SignerVault
import Synchronization
import Testing

/// Whoever is at the server's end of the socket, driven as the protocol describes it (Docs/SIGNER-PROTOCOL.md).
private final class Intruder {
    private let connection: UnixConnection
    private var decoder = FrameDecoder()
    private var next: UInt32 = 1

    init(_ path: String) throws {
        connection = try UnixConnection.connect(path)
        _ = try ask(.hello(version: 1))
    }

    func ask(_ request: SignerRequest) throws -> SignerReply {
        var writer = WireWriter()
        request.frame(id: next).write(to: &writer)
        next += 1
        return try ask(writer.bytes)
    }

    /// Sends bytes that need be no frame.
    func ask(_ bytes: [UInt8]) throws -> SignerReply {
        try connection.write(bytes)
        while true {
            if let frame = try decoder.next() { return try SignerReply(frame) }
            let more = try connection.read(upTo: 65_536, deadline: .after(milliseconds: 10_000))
            guard !more.isEmpty else { throw SignerFault(.unavailable, "the connection ended") }
            decoder.append(more)
        }
    }
}

/// A signer on a real socket, with its log.
private final class Attacked: Sendable {
    let sample: SampleVault
    let socket: String
    private let text = Mutex("")

    init(profile: [String] = []) throws {
        sample = try SampleVault(profile: profile)
        socket = "\(sample.folder)/socket"
        let listener = try UnixListener(socket)
        let server = SignerServer(
            sample.vault, listener: listener, admitted: [ProcessHardening.currentUID],
            now: { SampleVault.now },
            log: { [weak self] line in self?.write(line) })
        try BlockingThread.start { server.run() }
    }

    private func write(_ line: String) { text.withLock { $0 += line } }

    var lines: [Substring] { text.withLock { $0.split(separator: "\n") } }
}

@Suite struct `A signer whose server is in foreign hands` {
    /// Y05, C16: everything beyond the envelope of its role, and what was altered, has ended or is of another house.
    @Test func `Y05 C16 signs nothing outside the envelope, and logs each try`() throws {
        let attacked = try Attacked()
        let sample = attacked.sample
        let tenant = try SampleVault()
        let good = SampleCertificate()
        func certificate(_ change: (inout SampleCertificate) throws -> Void) rethrows -> SampleCertificate {
            var changed = good
            try change(&changed)
            return changed
        }
        let altered = Array(try good.draft(sample).toBeSigned.dropLast())
        let grown = try CheckpointBody(origin: "other.example.com", size: 3, root: .leaf([1]))
        var first = MerkleTree()
        first.append(.leaf([0]))
        let body = try CheckpointBody(origin: "log.example.com", size: 1, root: first.root)
        let tries: [(SignerRequest, SignerFault.Code)] = [
            (try certificate { $0.validBefore = SampleVault.now + 90_000 }.request(sample), .profileRefused),
            (
                try certificate {
                    $0.validAfter = SampleVault.now - 7_200
                    $0.validBefore = SampleVault.now
                }.request(sample), .profileRefused
            ),
            (try certificate { $0.principals = ["root"] }.request(sample), .profileRefused),
            (
                try certificate {
                    $0.kind = .host
                    $0.extensions = .none
                }.request(sample), .profileRefused
            ),
            (
                try certificate { $0.extensions = Extensions(noTouchRequired: true) }.request(sample),
                .profileRefused
            ),
            (try certificate { $0.publicKey = try sample.key(.checkpoint) }.request(sample), .profileRefused),
            (try certificate { $0.signatureKey = try tenant.key(.userCA) }.request(sample), .unknownKey),
            (try good.request(tenant), .unknownKey),
            (.certificate(.hostCA, toBeSigned: try good.draft(sample).toBeSigned), .unknownKey),
            (.certificate(.userCA, toBeSigned: altered), .profileRefused),
            (.tls(toBeSigned: [0x30, 0]), .profileRefused),
            (.hostState(payload: try HostState.sample(keys: [tenant.key(.userCA)]).encoded), .unknownKey),
            (.hostState(payload: [1, 2, 3]), .profileRefused),
        ]
        let intruder = try Intruder(attacked.socket)
        for (index, (request, code)) in tries.enumerated() {
            guard case .fault(let fault) = try intruder.ask(request) else {
                Issue.record("try \(index) was granted")
                continue
            }
            #expect(fault.code == code, "try \(index): \(fault.reason)")
        }
        _ = try intruder.ask(.checkpoint(body: body.bytes, consistency: []))
        guard
            case .fault(let fault) = try intruder.ask(
                .checkpoint(body: grown.bytes, consistency: [.leaf([0])]))
        else {
            Issue.record("a checkpoint of another log was signed")
            return
        }
        #expect(fault.code == .inconsistentCheckpoint)
        let refused = attacked.lines.filter { $0.contains("\"event\":\"refused\"") }
        #expect(refused.count == tries.count + 1)
        #expect(refused.allSatisfy { $0.contains("\"sha256\":") && $0.contains("\"reason\":") })
        #expect(attacked.lines.count == refused.count + 1, "and the one checkpoint that was signed")
    }

    @Test func `Y05 the rate cap holds over many connections, and counts what was refused`() throws {
        let attacked = try Attacked(profile: ["rate=5"])
        let request = try SampleCertificate().request(attacked.sample)
        var (signed, capped) = (0, 0)
        for _ in 0..<10 {
            let intruder = try Intruder(attacked.socket)
            for _ in 0..<3 {
                switch try intruder.ask(request) {
                case .signature: signed += 1
                case .fault(let fault) where fault.code == .rateLimited: capped += 1
                default: Issue.record("neither signed nor capped")
                }
            }
        }
        #expect(signed == 5 && capped == 25)
        #expect(attacked.lines.filter { $0.contains("rate-limited") }.count == 25)
    }

    @Test func `Y05 bytes that are no request end the connection, logged, and nothing else`() throws {
        let attacked = try Attacked()
        for bytes in [
            [UInt8](repeating: 0xFF, count: 64), [0, 0, 0, 5, 99, 0, 0, 0, 1],
            [0, 0, 0, 6, 2, 0, 0, 0, 1, 0],
        ] {
            let intruder = try Intruder(attacked.socket)
            guard case .fault(let fault) = try intruder.ask(bytes) else {
                Issue.record("granted")
                continue
            }
            #expect(fault.code == .badFrame)
        }
        #expect(attacked.lines.filter { $0.contains("bad-frame") }.count == 3)
        guard
            case .signature = try Intruder(attacked.socket).ask(
                try SampleCertificate().request(attacked.sample))
        else {
            Issue.record("it no longer signs for others")
            return
        }
    }
}
