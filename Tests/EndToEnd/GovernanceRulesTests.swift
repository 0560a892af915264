import Foundation
import Posix
import Testing

@Suite(.servers) struct `What governance finds` {
    @Test(.timeLimit(.minutes(20)), arguments: Engine.allCases)
    func `is shown, and held back where the policy says lock`(_ engine: Engine) async throws {
        let house = try await Installation(database: try await engine.database())
        try await house.enrolAdmin()
        try await apply("warn", house)
        let added = try await house.reeve("person", "add", "alice", "--link-only")
        let home = house.scratch.path("alice")
        try await house.enrol(
            "alice", link: try house.scratch.write(added.output, to: "alice.link"), home: home)
        _ = try await house.reeve("person", "add", "mallory", "--link-only")
        let host = try await house.reeve("host", "add", "web1", "--label", "env=staging", "--link-only")
        #expect(host.status == 0, "\(host.errors)")
        let report = try await house.reeve("governance")
        #expect(report.status == 0, "\(report.errors)")
        #expect(report.output.contains("no-second-factor warn: 1 found\n  mallory has no second factor"))
        #expect(report.output.contains("password-age off"))
        let json = try await house.reeve("governance", "--json")
        #expect(json.output.contains(#""rule":"dormant-keys""#))
        #expect(try await house.reeve("governance", home: home).status == 1)

        let key = house.scratch.path("key")
        _ = try await Program.run("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key])
        let cert = ["cert", "--to", "web1", "--as", "deploy", "-k", "\(key).pub", "-o", "-"]
        #expect(try await house.reeve(cert, home: home).status == 0)
        // The same key with certificates of two persons is locked for both.
        try await apply("lock", house)
        #expect(try await house.reeve(cert).status == 0)
        try await until("the shared key is locked") {
            try await house.reeve(cert, home: home).errors.contains("governance-locked")
        }
    }

    private func apply(_ measure: String, _ house: Installation) async throws {
        let policy = """
            grants:
              - {name: admins, who: [boss], to: [authority], as: [admin]}
              - {name: staging, who: [alice, boss], to: [label:env=staging], as: [deploy]}
            governance:
              shared-keys: \(measure)
            """
        let applied = try await house.reeve(
            "policy", "apply", try house.scratch.write(policy, to: "\(measure).yaml"))
        #expect(applied.status == 0, "\(applied.errors)")
    }
}
