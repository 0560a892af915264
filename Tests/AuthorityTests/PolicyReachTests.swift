import Authority
import Names
import SSHFormats
import Testing

@Suite struct `What a subject can reach` {
    private static let text = """
        grants:
          - {name: a, who: [alice], to: [label:env=test, host:web1], as: [deploy, $self, deploy2]}
          - {name: b, who: [alice], to: [host:web1], as: [root], devices: enrolled, with: [totp],
             scope: connection}
          - {name: c, who: [alice], to: [host:db1], as: [root], approve: {by: group:leads}}
          - {name: d, who: [bob], to: [host:web1], as: [bobby]}
          - {name: e, who: [alice], to: [authority], as: [admin]}
        groups: {leads: [carol]}
        """

    private func lines(_ subject: Subject) throws -> [String] {
        let hosts = [try host("web1", "env=test"), try host("db1"), try host("web2", "env=prod")]
        return try Policy(yaml: Self.text).reach(of: subject, hosts: hosts, at: noon).map { reach in
            "\(reach.login)@\(reach.host) by \(reach.grant)"
                + (reach.needs.isEmpty ? "" : " needs ") + reach.needs.map(\.rawValue).joined(separator: ",")
        }
    }

    @Test func `is every host and login of its grants, with what is still needed`() throws {
        #expect(
            try lines(Subject(identity: try person("alice", login: "al"))) == [
                "deploy@web1 by a", "al@web1 by a", "deploy2@web1 by a",
                "root@web1 by b needs device-required,factor-required",
                "root@db1 by c needs approval-required",
            ])
        #expect(
            try lines(
                Subject(
                    identity: try person("alice"), device: try device(of: "alice"), factors: [.totp: noon]))
                == [
                    "deploy@web1 by a", "deploy2@web1 by a", "root@web1 by b",
                    "root@db1 by c needs approval-required",
                ])
    }

    @Test func `says which factors would do, and none that nobody asks for`() throws {
        let policy = try Policy(
            yaml: """
                grants:
                  - {name: a, who: [alice], to: [host:web1], as: [a], with: [{factor: totp, maxAge: 15m}, oidc]}
                  - {name: b, who: [alice], to: [host:web1], as: [b], devices: enrolled}
                """)
        func factors(_ shown: ProvenFactors) throws -> [[Factor]] {
            let alice = Subject(identity: try person("alice"), factors: shown)
            return policy.reach(of: alice, hosts: [try host("web1")], at: noon).map(\.factors)
        }
        #expect(try factors([:]) == [[.totp, .oidc], []])
        #expect(try factors([.totp: noon.advanced(by: -901)]) == [[.totp, .oidc], []])
        #expect(try factors([.totp: noon.advanced(by: -900), .oidc: noon]) == [[], []])
    }

    @Test func `is nothing for strangers and for whoever is suspended`() throws {
        #expect(try lines(Subject(identity: try person("mallory"))).isEmpty)
        #expect(try lines(Subject(identity: try person("alice", status: .suspended))).isEmpty)
    }

    @Test func `leaves out hosts that are not active`() throws {
        func made(_ kind: String, _ status: IdentityStatus) throws -> Host? {
            Host(Identity(id: try IdentityID("\(kind):web1"), owner: nil, status: status, createdAt: noon))
        }
        #expect(try made("host", .active)?.name.text == "web1")
        #expect(try made("host", .suspended) == nil)
        #expect(try made("host", .retired) == nil)
        #expect(try made("service", .active) == nil)
    }
}
