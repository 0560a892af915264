import AuthorityAPI
import AuthorityClient
import Foundation
import Posix
import SSHFormats
import Testing

/// The packaged install: the signer is another user, and starts sealed.
@Suite(.servers, .enabled(if: ProcessHardening.isRoot)) struct `A house whose signer is sealed` {
    @Test func `Y06 serves what needs no signature, refuses the rest by a code, and goes on once unlocked`()
        async throws
    {
        let signer = try await SignerOfItsOwn()
        #expect(try await signer.unlock().status == 0)
        let house = try await Installation(signer: signer)
        try await house.enrolAdmin()
        let keys = try await authority(house)

        try await signer.kill()
        try await signer.start()
        try await seenSealed(house)

        try await house.killServer()
        try await house.start()
        try await seenSealed(house)
        #expect(try await authority(house) == keys)

        let wrong = try house.scratch.write(String(repeating: "x", count: 32), to: "wrong.key")
        let refused = try await signer.unlock(with: wrong)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("wrong-key"))
        #expect(try await house.readiness().status == "503")

        let server = house.serverPID
        #expect(try await signer.unlock().output == "unlocked\n")
        try await until("it issues") {
            let ready = try await house.readiness()
            return ready.status == "200" && !ready.body.contains("sealed")
        }
        try await issue(house)
        #expect(house.serverPID == server, "the same process, for whoever watches it")
        #expect(!(try await house.readiness().body.contains("signer-boundary")))
        let export = house.scratch.path("export")
        #expect(try await house.reeve("audit", "export", export).status == 0)
        #expect(try await house.reeve("audit", "verify", export).status == 0)
    }

    @Test func `waits for the key at the first start`() async throws {
        let signer = try await SignerOfItsOwn()
        async let house = Installation(signer: signer)
        try await until("the server has asked for its keys") { signer.log.contains("\"code\":\"sealed\"") }
        #expect(try await signer.unlock().status == 0)
        try await house.enrolAdmin()
        try await issue(house)
    }

    private func seenSealed(_ house: Installation) async throws {
        let ready = try await house.readiness()
        #expect(ready.status == "503")
        #expect(ready.body.contains("the signer is sealed"))
        #expect(try await !get(house, "/v1/krl/user").isEmpty)
        await #expect {
            try await issue(house)
        } throws: { "\($0)".contains("signer-sealed") }
    }

    /// The user CAs that the server names.
    private func authority(_ house: Installation) async throws -> [String] {
        try JSONDecoder().decode(AuthorityInfo.self, from: try await get(house, "/v1/authority")).userCAKeys
    }

    private func get(_ house: Installation, _ path: String) async throws -> Data {
        let file = house.scratch.path("got-\(UUID().uuidString)")
        let curl = try await Program.run("/usr/bin/curl", ["-skf", "-o", file, "\(house.url)\(path)"])
        guard curl.status == 0 else { throw Failure("\(path): curl ended with \(curl.status)") }
        return FileManager.default.contents(atPath: file) ?? Data()
    }

    private func issue(_ house: Installation) async throws {
        let connection = try house.connection()
        let key = try PrivateKey.generate(.ed25519).publicKey.text()
        let request = CertificateRequest(publicKey: key, to: nil, as: "boss", grant: "first-hosts")
        do {
            _ = try await connection.call(.certificates, body: request, as: CertificateReply.self)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }
}
