import Foundation
import Posix
import TestKit
import Testing

@Suite(.servers) struct `A database by TLS` {
    @Test func `is served from with a password that nobody can see`() async throws {
        let place = try await TestTLSPostgres(port: try FreePort.find())
        let passfile = "\(place.server.folder)/socket/pass"
        let address = place.address(
            root: place.root,
            passfile: try place.passfile(passfile, owner: ProcessHardening.isRoot ? "nobody" : nil))
        let house = try await Installation(database: address)
        try await house.enrolAdmin()
        let added = try await house.reeve("person", "add", "alice", "--link-only")
        #expect(added.status == 0, "\(added.errors)")
        let arguments = try String(contentsOfFile: "/proc/\(house.serverPID)/cmdline", encoding: .utf8)
        #expect(arguments.contains("passfile="))
        try place.server.crash()
        try await until("it is not ready") { try await house.readiness().status == "503" }
        let log = try String(contentsOfFile: house.scratch.path("log"), encoding: .utf8)
        for text in [arguments, log, try await house.readiness().body] {
            #expect(!text.contains(TestTLSPostgres.password))
        }
    }
}
