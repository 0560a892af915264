import Authority
import AuthorityAPI
import Names
import SSHFormats
import TestKit
import Testing

@testable import Gateway

@Suite struct `The time in a host's proofs, N09` {
    private func ask(
        _ door: TestDoor, ahead: Int64, nonce: String? = nil, by key: DPoPKey? = nil
    ) async throws -> Reply {
        var request = TestRequest(.hostState)
        request.proof = try request.proof(
            by: key ?? door.hostKey, token: nil, nonce: nonce, now: TestDoor.now.advanced(by: ahead))
        return try await door.send(request)
    }

    @Test(arguments: [-86_400, -61, -30, 0, 30, 61, 31_536_000] as [Int64])
    func `tells what time it is there, whether it is taken or refused`(_ ahead: Int64) async throws {
        let door = try await TestDoor()
        let web1 = try IdentityID("host:web1")
        let reply = try await ask(door, ahead: ahead)
        #expect(reply.status == (ahead.magnitude > 60 ? 401 : 200))
        #expect(await door.store.clock(of: web1)?.ahead == ahead)
    }

    @Test func `is believed only of a proof by that host, for this server, made while it runs`() async throws
    {
        let door = try await TestDoor { $0.nonce = "of this process" }
        let web1 = try IdentityID("host:web1")
        #expect(try await ask(door, ahead: -600).code == "proof-invalid")
        #expect(try await ask(door, ahead: -600, nonce: "of another").status == 401)
        #expect(try await ask(door, ahead: -600, nonce: "of this process", by: try DPoPKey()).status == 401)
        #expect(await door.store.clock(of: web1) == nil)
        #expect(try await ask(door, ahead: -600, nonce: "of this process").status == 401)
        #expect(await door.store.clock(of: web1)?.ahead == -600)
    }
}

@Suite struct `A certificate that was issued` {
    @Test func `is shown to whom it belongs and to auditors, and to others as one that never was`()
        async throws
    {
        let door = try await TestDoor()
        let line = try PrivateKey.generate(.ed25519).publicKey.text()
        let made = try await door.send(
            try TestRequest(.certificates, #"{"publicKey":"\#(line)","to":"web1","as":"deploy"}"#).signed(
                by: door))
        let serial = try #require(made.field("Keyreeve-Serial"))
        let shown = try await door.send(
            try TestRequest(.certificateLook, query: "?serial=\(serial)").signed(by: door))
        let reply = try shown.message(IssuedCertificateReply.self)
        #expect(reply.identity == "alice" && reply.grant == "web" && !reply.revoked)
        let revoked = try await door.send(
            try TestRequest(.revocations, #"{"serial":\#(serial),"reason":"lost"}"#).signed(by: door))
        #expect(revoked.status == 200)
        let again = try await door.send(
            try TestRequest(.certificateLook, query: "?serial=\(serial)&authority=user").signed(by: door))
        #expect(try again.message(IssuedCertificateReply.self).revoked)
        for query in ["?serial=\(serial)&authority=host", "?serial=99"] {
            let none = try await door.send(try TestRequest(.certificateLook, query: query).signed(by: door))
            #expect(none.status == 404)
        }
    }
}
