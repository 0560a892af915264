import Foundation
import Posix
import TestKit
import Testing

@Suite(.servers, .enabled(if: ProcessHardening.isRoot)) struct `The same name, many machines` {
    private static let grant = "{name: www, who: [boss], to: [\"label:name=www.example.com\"], as: [root]}"
    private static let shared = ["name=www.example.com"]

    @Test(.timeLimit(.minutes(20)))
    func `two hosts behind a name, and one that was reinstalled, never ask about a key`() async throws {
        let house = try await Installation()
        let plain = try await PlainSSH(house, grants: [Self.grant], labels: Self.shared)
        let other = try await EnrolledHost(
            house, name: "web2.example.com", labels: Self.shared, login: "root")
        #expect(try await house.reeve("ssh-config", "--write").status == 0)
        let first = plain.host
        #expect(try hostKey(first) != hostKey(other))
        for host in [first, other] { try await expectLogin(plain, "www.example.com", at: host) }
        #expect(plain.held == ["www+root-cert.pub"], "one certificate serves for both")
        try await expectLogin(plain, "web2.example.com", at: other)

        // The second machine is set up anew under its name: with other keys, by a new link.
        await other.stop()
        let again = try await EnrolledHost(
            house, name: "web2.example.com", labels: Self.shared, login: "root", isKnown: true)
        #expect(try hostKey(again) != hostKey(other))
        for name in ["www.example.com", "web2.example.com"] {
            try await expectLogin(plain, name, at: again)
        }
        // What it was before is nobody's now.
        #expect(try await other.agent("sync").status != 0)
    }

    /// Whoever connects knows no host's key and is not asked about one.
    private func expectLogin(_ plain: PlainSSH, _ name: String, at host: EnrolledHost) async throws {
        let options = ["-o", "StrictHostKeyChecking=yes", "-p", "\(host.port)"]
        let ending = try await plain.ssh(options + ["root@\(name)", "echo in"])
        #expect(ending.status == 0 && ending.output == "in\n", "\(name): \(ending.errors)")
        #expect(ending.errors.isEmpty, "\(ending.errors)")
    }

    private func hostKey(_ host: EnrolledHost) throws -> String {
        try String(contentsOfFile: "\(host.folder)/ssh_host_ed25519_key.pub", encoding: .utf8)
    }
}
