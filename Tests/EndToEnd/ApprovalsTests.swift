import AuthorityAPI
import Foundation
import HostDocuments
import Posix
import Testing

@Suite(.servers, .enabled(if: ProcessHardening.isRoot)) struct `A login that two people must approve` {
    private static let login = "daemon"
    private static let policy = """
        groups: {leads: [bob, carol, alice]}
        grants:
          - {name: admins, who: [boss], to: [authority], as: [admin]}
          - {name: prod, who: [alice], to: [label:env=production], as: [daemon], devices: enrolled,
             approve: {by: group:leads, count: 2}}
        tests:
          - {who: alice, to: "label:env=production", as: daemon, device: enrolled, expect: approval}
          - {who: bob, to: "label:env=production", as: daemon, device: enrolled, expect: denied}
        """

    @Test(.timeLimit(.minutes(20)), arguments: Engine.allCases)
    func `Z07 works once they signed it, and not before or twice`(_ engine: Engine) async throws {
        let house = try await Installation(database: try await engine.database())
        try await house.enrolAdmin()
        let applied = try await house.reeve(
            "policy", "apply", try house.scratch.write(Self.policy, to: "policy.yaml"))
        #expect(applied.status == 0, "\(applied.errors)")
        let host = try await EnrolledHost(
            house, name: "db1.example.com", labels: ["env=production"], login: Self.login)
        for name in ["alice", "bob", "carol"] { try await enrol(name, house) }
        let alice = house.scratch.path("alice")

        let first = try await ssh(house, host, ["--reason", "disk \u{1b}[31mis full"], home: alice)
        #expect(first.status == 1 && first.errors.contains("bad-request"), "\(first.errors)")
        let asked = try await ssh(house, host, ["--reason", "disk is full"], home: alice)
        #expect(asked.status == 1)
        #expect(asked.errors.contains("approval-required"), "\(asked.errors)")
        #expect(asked.errors.contains("request 1 has 0 of 2 approvals"), "\(asked.errors)")
        let own = try await house.reeve("approve", "1", home: alice)
        #expect(own.status == 1 && own.errors.contains("approver-required"), "\(own.errors)")
        let listed = try await house.reeve("requests", home: house.scratch.path("bob"))
        #expect(listed.output.contains("open, for you") && listed.output.contains("disk is full"))
        for name in ["bob", "carol"] {
            let approved = try await house.reeve(
                "approve", "1", "--reason", "go on", home: house.scratch.path(name))
            #expect(approved.status == 0, "\(approved.errors)")
            #expect(
                approved.errors.contains("who: alice") && approved.errors.contains("reason: disk is full"))
        }
        // The same key is asked for again: the request is approved, and used up by that.
        let inside = try await ssh(house, host, [], home: alice)
        #expect(inside.status != 255 && inside.errors.isEmpty, "\(inside.errors)")
        let shown = try await house.reeve("requests", "show", "1", "--json", home: alice)
        #expect(shown.output.contains(#""state":"used""#), "\(shown.output)")
        try FileManager.default.removeItem(atPath: "\(alice)/certificates")
        let again = try await ssh(house, host, [], home: alice)
        #expect(again.errors.contains("request 2 has 0 of 2 approvals"), "\(again.errors)")
        let export = house.scratch.path("export")
        #expect(try await house.reeve("audit", "export", export).status == 0)
        #expect(try await house.reeve("audit", "verify", export).status == 0)
    }

    @Test(.timeLimit(.minutes(20)))
    func `is waited for, told when it is denied, and taken back`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let policy = try house.scratch.write(Self.policy, to: "policy.yaml")
        #expect(try await house.reeve("policy", "apply", policy).status == 0)
        let added = try await house.reeve(
            "host", "add", "db1.example.com", "--label", "env=production", "--link-only")
        #expect(added.status == 0, "\(added.errors)")
        for name in ["alice", "bob", "carol"] { try await enrol(name, house) }
        let alice = house.scratch.path("alice")
        let key = house.scratch.path("key")
        _ = try await Program.run("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key])
        let cert = ["cert", "--to", "db1.example.com", "--as", "daemon", "-k", "\(key).pub", "-o", "-"]

        async let waiting = house.reeve(cert + ["--wait", "--reason", "why"], home: alice)
        try await untilAsked(1, house)
        let denied = try await house.reeve(
            "deny", "1", "--reason", "not today", home: house.scratch.path("bob"))
        #expect(denied.status == 0, "\(denied.errors)")
        let ended = try await waiting
        #expect(ended.status == 1 && ended.errors.contains("request 1 is denied by bob: not today"))
        let notices = try await house.reeve("whoami", home: alice)
        #expect((notices.output + notices.errors).contains("denied a request of yours"), "\(notices.output)")

        async let next = house.reeve(cert + ["--wait"], home: alice)
        try await untilAsked(2, house)
        for name in ["bob", "carol"] {
            #expect(try await house.reeve("approve", "2", home: house.scratch.path(name)).status == 0)
        }
        let issued = try await next
        #expect(issued.status == 0 && issued.output.contains("ssh-ed25519-cert-v01@openssh.com"))

        #expect(try await house.reeve(cert, home: alice).status == 1)
        #expect(try await house.reeve("deny", "3", home: alice).status == 0)
        let json = try await house.reeve(cert + ["--json"], home: alice)
        #expect(json.errors.contains(#""request":4"#), "\(json.errors)")
    }

    @Test(.timeLimit(.minutes(20)), arguments: Engine.allCases)
    func `Z07 may be an act of an admin, which happens once`(_ engine: Engine) async throws {
        let house = try await Installation(database: try await engine.database())
        try await house.enrolAdmin()
        let text = """
            groups: {leads: [bob, carol]}
            grants:
              - {name: admins, who: [boss], to: [authority], as: [admin]}
              - {name: careful, who: [alice], to: [authority], as: [admin], approve: {by: group:leads}}
            """
        let policy = try house.scratch.write(text, to: "policy.yaml")
        #expect(try await house.reeve("policy", "apply", policy).status == 0)
        for name in ["alice", "bob", "carol"] { try await enrol(name, house) }
        let alice = house.scratch.path("alice")
        let add = ["person", "add", "dora", "--reason", "new colleague", "--link-only"]

        let asked = try await house.reeve(add, home: alice)
        #expect(asked.status == 1 && asked.errors.contains("request 1 has 0 of 1"), "\(asked)")
        async let waiting = house.reeve(add + ["--wait"], home: alice)
        let approved = try await house.reeve("approve", "1", home: house.scratch.path("bob"))
        #expect(approved.status == 0 && approved.errors.contains("says name: dora"), "\(approved)")
        let added = try await waiting
        #expect(added.status == 0 && added.output.contains("/enrol#"), "\(added)")
        let again = try await house.reeve(add, home: alice)
        #expect(again.status == 1 && again.errors.contains("request 2"), "\(again)")

        let next = try house.scratch.write(text + "\n# changed\n", to: "next.yaml")
        let apply = ["policy", "apply", next, "--reason", "a remark"]
        let held = try await house.reeve(apply, home: alice)
        #expect(held.status == 1 && held.errors.contains("request 3"), "\(held)")
        let listed = try await house.reeve("requests", home: house.scratch.path("carol"))
        #expect(listed.output.contains("POST /v1/policy") && listed.output.contains("a remark"), "\(listed)")
        let signed = try await house.reeve("approve", "3", home: house.scratch.path("carol"))
        #expect(signed.errors.contains("says text line 5: # changed"), "\(signed)")
        #expect(try await house.reeve(apply, home: alice).status == 0)
        let history = try await house.reeve("policy", "history")
        #expect(history.output.contains("a remark"), "\(history)")
        // What was asked under the former policy has ended.
        let late = try await house.reeve("approve", "2", home: house.scratch.path("bob"))
        #expect(late.status == 1 && late.errors.contains("request-closed"), "\(late)")
    }

    private func untilAsked(_ number: Int, _ house: Installation) async throws {
        let bob = house.scratch.path("bob")
        try await until("request \(number) is asked") {
            try await house.reeve("requests", "show", "\(number)", home: bob).status == 0
        }
    }

    private func enrol(_ name: String, _ house: Installation) async throws {
        let added = try await house.reeve(
            ["person", "add", name, "--link-only"])
        try await house.enrol(
            name, link: try house.scratch.write(added.output, to: "\(name).link"),
            home: house.scratch.path(name))
    }

    private func ssh(
        _ house: Installation, _ host: EnrolledHost, _ own: [String], home: String
    ) async throws -> Program.Ending {
        try await house.reeve(
            ["ssh"] + own + [
                "-F", "/dev/null", "-p", "\(host.port)", "-o", "BatchMode=yes", "-o", "HostName=127.0.0.1",
                "\(Self.login)@db1.example.com", "true",
            ], home: home)
    }
}
