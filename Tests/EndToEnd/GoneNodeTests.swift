import AuthorityAPI
import AuthorityClient
import Foundation
import SSHFormats
import TestKit
import Testing

@Suite(.servers) struct `A server that stands still for long` {
    /// Frozen and not killed: to the others both look the same, and only this one comes back.
    @Test(.timeLimit(.minutes(20))) func `has its serials voided, and releases none of them when it wakes`()
        async throws
    {
        let first = try await Installation(database: try await Engine.postgres.database())
        try await first.enrolAdmin()
        let second = try await Installation(beside: first)
        try await second.adopt(first.home, from: first)
        let (here, there) = (try first.connection(), try second.connection())
        let before = try await certificate(from: there)
        kill(second.serverPID, SIGSTOP)
        defer { kill(second.serverPID, SIGCONT) }
        var void: ClosedRange<UInt64>?
        let deadline = ContinuousClock.now + .seconds(180)
        while void == nil, ContinuousClock.now < deadline {
            try await ContinuousClock().sleep(for: .milliseconds(100))  // polls: as hosts without an agent do
            let (bytes, _) = try await here.bytes(.userKRL)
            let runs = try KRL(bytes: bytes).certificates.values.flatMap(\.serials.runs)
            void = runs.first { $0.contains(before.serial + 1) }
        }
        let range = try #require(void, "the rest of the block is in the KRL of the other node")
        #expect(!range.contains(before.serial), "what was released counts on")
        kill(second.serverPID, SIGCONT)
        for _ in 0..<3 {
            let after = try await certificate(from: there)
            #expect(after.serial > range.upperBound)
        }
        await here.close()
        await there.close()
        let export = first.scratch.path("export")
        #expect(try await first.reeve("audit", "export", export).status == 0)
        let verified = try await first.reeve("audit", "verify", export)
        #expect(verified.status == 0, "\(verified.errors)")
    }

    private func certificate(from server: AuthorityConnection) async throws -> CertificateReply {
        let key = try PrivateKey.generate(.ed25519).publicKey.text()
        let request = CertificateRequest(publicKey: key, to: nil, as: "boss", grant: "first-hosts")
        return try await server.call(.certificates, body: request, as: CertificateReply.self).0
    }
}
