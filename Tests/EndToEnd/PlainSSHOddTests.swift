import Foundation
import Posix
import SSHFormats
import Testing

@Suite(.servers, .enabled(if: ProcessHardening.isRoot)) struct `Plain ssh where something is odd` {
    private static let day = "{name: staging, who: [boss], to: [label:env=staging], as: [root]}"

    @Test(.timeLimit(.minutes(20)))
    func `uses no certificate of another time, and none by a clock that was set back`() async throws {
        let plain = try await PlainSSH(try await Installation(), grants: [Self.day])
        let stem = "\(plain.house.home)/certificates/staging+root"
        #expect(try await plain.ssh(["root@web1.example.com", "true"]).status == 0)
        for validity in ["+1h:+2h", "-2h:-1h", "-1h:+5s"] {
            let before = try #require(try plain.serials().last)
            try await replaceCertificate(stem, valid: validity, plain)
            let ending = try await plain.ssh(["root@web1.example.com", "true"])
            #expect(ending.status == 0, "\(validity): \(ending.errors)")
            #expect(try plain.serials().last != before, "\(validity)")
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `goes on as before where the authority says nothing, or nothing can be written`() async throws {
        let house = try await Installation()
        let plain = try await PlainSSH(house, grants: [Self.day])
        try plain.forgetCertificates()
        kill(house.serverPID, SIGSTOP)
        let destination = ["root@web1.example.com", "true"]
        for _ in 0..<2 {
            let ending = try await plain.ssh(destination)
            #expect(ending.status == 255 && ending.errors.contains("Permission denied"), "\(ending.errors)")
            #expect(!ending.errors.contains("reeve"), "\(ending.errors)")
        }
        kill(house.serverPID, SIGCONT)
        try plain.forgetCertificates()
        #expect(try await readOnly(plain, destination).status == 255)
        #expect(plain.held == [])
        #expect(try await plain.ssh(destination).status == 0)
        let held = try await readOnly(plain, destination)
        #expect(held.status == 0, "\(held.errors)")
    }

    @Test(.timeLimit(.minutes(20)))
    func `goes by the authority that knows the host, of two`() async throws {
        let first = try await PlainSSH(try await Installation(), grants: [Self.day])
        let second = try await PlainSSH(
            try await Installation(), grants: [Self.day], host: "db1.other.example")
        let both = try first.house.scratch.write(
            """
            Include \(first.house.home)/ssh_config
            Include \(second.house.home)/ssh_config
            Host web1.example.com
                Port \(first.host.port)
            Host db1.other.example
                Port \(second.host.port)
            Host *
                HostName 127.0.0.1

            """, to: "both")
        for host in ["web1.example.com", "db1.other.example"] {
            let ending = try await first.run(
                "/usr/bin/ssh", ["-F", both, "-o", "BatchMode=yes", "root@\(host)", "true"])
            #expect(ending.status == 0 && ending.errors.isEmpty, "\(host): \(ending.errors)")
        }
        #expect(try first.serials().count == 1 && second.serials().count == 1)
    }

    /// What is held was made for the same key at another time.
    private func replaceCertificate(_ stem: String, valid: String, _ plain: PlainSSH) async throws {
        let authority = plain.house.scratch.path("other-ca")
        if !FileManager.default.fileExists(atPath: authority) {
            let made = try await Program.run(
                "/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", authority])
            guard made.status == 0 else { throw Failure(made.errors) }
        }
        let publicKey = try await Program.run("/usr/bin/ssh-keygen", ["-y", "-f", stem])
        let file = try plain.house.scratch.write(publicKey.output, to: "held.pub")
        let signed = try await Program.run(
            "/usr/bin/ssh-keygen", ["-q", "-s", authority, "-I", "x", "-n", "root", "-V", valid, file])
        guard signed.status == 0 else { throw Failure(signed.errors) }
        let certificate = try String(
            contentsOfFile: plain.house.scratch.path("held-cert.pub"), encoding: .utf8)
        try Data(certificate.utf8).write(to: URL(fileURLWithPath: stem + "-cert.pub"))
    }

    /// The same with a state folder that cannot be written.
    private func readOnly(_ plain: PlainSSH, _ arguments: [String]) async throws -> Program.Ending {
        let script = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" && shift && exec \"$@\""
        return try await plain.run(
            "/usr/bin/unshare",
            ["-m", "/bin/sh", "-c", script, "sh", plain.house.home]
                + ["/usr/bin/ssh", "-F", plain.config, "-o", "BatchMode=yes"] + arguments)
    }
}
