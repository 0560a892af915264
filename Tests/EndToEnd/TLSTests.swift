import AuthorityAPI
import AuthorityClient
import Foundation
import SSHFormats
import Testing

/// What stock openssl(1) gets from the server by TLS. There are no client certificates: people, devices and hosts prove
/// themselves in each request (DPoP), so a session of TLS carries no right of anybody.
@Suite(.servers) struct `TLS as openssl speaks it` {
    private func openssl(_ house: Installation, _ arguments: [String], _ input: String) async throws -> String
    {
        let ending = try await Program.run(
            "/usr/bin/openssl",
            ["s_client", "-connect", "127.0.0.1:\(house.port)", "-servername", "localhost"] + arguments,
            input: input)
        return ending.output + ending.errors
    }

    private func get(_ path: String, _ fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(fields)Connection: close\r\n\r\n"
    }

    @Test func `P08 versions below 1.2 are refused`() async throws {
        let house = try await Installation()
        for version in ["-tls1", "-tls1_1"] {
            let text = try await openssl(
                house, [version, "-cipher", "ALL:@SECLEVEL=0", "-ign_eof"], get("/livez"))
            #expect(!text.contains("HTTP/1.1"), "\(version)")
        }
        for version in ["-tls1_2", "-tls1_3"] {
            let text = try await openssl(house, [version, "-ign_eof"], get("/livez"))
            #expect(text.contains("HTTP/1.1 200"), "\(version): \(text)")
        }
    }

    @Test func `P08 renegotiation is refused, and the request after it not answered`() async throws {
        let house = try await Installation()
        let text = try await openssl(house, ["-tls1_2"], "R\n" + get("/livez"))
        #expect(text.contains("RENEGOTIATING"))
        #expect(!text.contains("HTTP/1.1 200"), "\(text)")
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func `P08 a resumed session of TLS outlives no session of a person`(_ version: String) async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let session = house.scratch.path("tls-session")
        let first = try await openssl(
            house, [version, "-ign_eof", "-sess_out", session], get("/v1/session", try proof(house)))
        #expect(first.contains("HTTP/1.1 200"), "\(first)")
        let connection = try house.connection()
        _ = try await connection.bytes(.signOut, body: Array("{}".utf8))
        await connection.close()
        let second = try await openssl(
            house, [version, "-ign_eof", "-sess_in", session], get("/v1/session", try proof(house)))
        #expect(second.contains("HTTP/1.1 401"), "\(second)")
        #expect(second.contains("not-signed-in"))
    }

    /// The fields of a request by the admin's device.
    private func proof(_ house: Installation) throws -> String {
        let key = try DPoPKey(
            rawRepresentation: Array(try Data(contentsOf: URL(filePath: "\(house.home)/device.key"))))
        let file = try Data(contentsOf: URL(filePath: "\(house.home)/session.json"))
        let session = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
        let token = try #require(session["token"] as? String)
        let proof = try key.proof(
            method: "GET", url: "https://localhost/v1/session", token: token,
            now: .init(UInt64(Date().timeIntervalSince1970)))
        return "Authorization: DPoP \(token)\r\nDPoP: \(proof)\r\n"
    }
}
