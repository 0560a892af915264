import AuthorityAPI
import AuthorityClient
import Crypto
import Foundation
import Posix
import SSHFormats
import Synchronization
import TestKit
import Testing

/// What a client holds after a crash, by serial: SHA-256 of the certificate's bytes.
final class Delivered: Sendable {
    private let held = Mutex<[UInt64: [String]]>([:])

    func add(_ reply: CertificateReply) throws {
        let blob = try Certificate(text: reply.certificate).blob
        let hash = SHA256.hash(data: blob).map {
            String(UInt8($0 >> 4), radix: 16) + String(UInt8($0 & 15), radix: 16)
        }
        held.withLock { $0[reply.serial, default: []].append(hash.joined()) }
    }

    var count: Int { held.withLock { $0.count } }
    var all: [UInt64: [String]] { held.withLock { $0 } }
}

@Suite(.serialized, .load) struct `Killed at random moments under load` {
    private static let rounds = ProcessInfo.processInfo.environment["KEYREEVE_SOAK"] == nil ? 20 : 200

    /// I1, I3, I5: delivered means recorded once with the same bytes; no serial twice; the ledger verifies.
    @Test(.timeLimit(.minutes(90)), arguments: Engine.allCases)
    func `nothing delivered is lost, no serial comes twice, the ledger verifies`(
        _ engine: Engine
    ) async throws {
        let database = engine == .postgres ? try await TestPostgres() : nil
        let house = try await Installation(database: try await database?.database())
        try await house.enrolAdmin()
        let delivered = Delivered()
        let load = Task { await self.load(house, into: delivered) }
        var generator = SystemRandomNumberGenerator()
        for round in 0..<Self.rounds {
            let wanted = delivered.count + Int.random(in: 1...40, using: &generator)
            try await until("round \(round) issues") { delivered.count >= wanted }
            if round.isMultiple(of: 2) {
                try await house.killServer()
                try await house.start()
            } else if let database, round % 4 == 1 {
                try database.crash()
                try database.start()
            } else if let signer = house.signerPID {
                kill(signer, SIGKILL)
            }
        }
        let last = delivered.count
        try await until("it issues after the last kill") { delivered.count > last }
        load.cancel()
        await load.value
        let export = house.scratch.path("export")
        let exported = try await house.reeve("audit", "export", export)
        #expect(exported.status == 0, "\(exported.errors)")
        let verified = try await house.reeve("audit", "verify", export)
        #expect(verified.status == 0, "\(verified.errors)")
        let recorded = try Recorded(export: export)
        #expect(recorded.repeated.isEmpty, "serials recorded twice: \(recorded.repeated)")
        for (serial, hashes) in delivered.all {
            #expect(Set(hashes).count == 1, "serial \(serial) was delivered with different bytes")
            #expect(
                recorded.hashes[serial] == hashes.first, "serial \(serial) is not in the ledger as delivered")
        }
    }

    /// Eight clients ask for certificates until they are told to stop; what fails is simply asked again.
    private func load(_ house: Installation, into delivered: Delivered) async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    guard let connection = try? house.connection() else { return }
                    while !Task.isCancelled {
                        let key = try? PrivateKey.generate(.ed25519).publicKey.text()
                        let request = CertificateRequest(
                            publicKey: key ?? "", to: nil, as: "boss", grant: "first-hosts")
                        guard
                            let (reply, _) = try? await connection.call(
                                .certificates, body: request, as: CertificateReply.self)
                        else { continue }
                        try? delivered.add(reply)
                    }
                    await connection.close()
                }
            }
        }
    }
}

/// The certificates that an export of the ledger speaks of.
struct Recorded {
    private(set) var hashes: [UInt64: String] = [:]
    private(set) var repeated: [UInt64] = []

    private struct Event: Decodable {
        let action: String
        let refused: String?
        let serials: [String]?
        let sha256: [String]?
    }

    init(export: String) throws {
        let text = String(decoding: FileManager.default.contents(atPath: export) ?? Data(), as: UTF8.self)
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "\t")
            guard fields.first == "event", let last = fields.last,
                let bytes = Data(base64Encoded: String(last)),
                let event = try? JSONDecoder().decode(Event.self, from: bytes),
                event.action == "certificate.issued", event.refused == nil
            else { continue }
            for (serial, hash) in zip(event.serials ?? [], event.sha256 ?? []) {
                guard let number = UInt64(serial) else { continue }
                if hashes[number] != nil { repeated.append(number) }
                hashes[number] = hash
            }
        }
    }
}
