import AuthorityAPI
import FoundationEssentials
import Glibc
import Posix
import SSHFormats
import Synchronization
import Testing

@testable import HostAgent

/// The real thing: this sshd, this ssh, this `reeve-principals`, with a CA made in the test.
@Suite(.enabled(if: isHost && BuiltProgram.path("reeve-agent") != nil)) struct `With a real sshd` {
    @Test
    func `a certificate for a label of the host logs in, and the host proves itself by its certificate`()
        async throws
    {
        let login = try await RealLogin()
        let outcome = try login.ssh(principals: ["root@env=staging"], serial: 1)
        #expect(outcome.outputText == "in\n", "\(outcome.complaint)")
    }

    @Test func `a certificate for this host logs in`() async throws {
        let login = try await RealLogin()
        #expect(try login.ssh(principals: ["root@web1.example.com"], serial: 1).outputText == "in\n")
    }

    @Test(arguments: ["root", "root@env=production", "root@web2.example.com", "deploy@web1.example.com"])
    func `a certificate for another place or login is refused`(_ principal: String) async throws {
        let login = try await RealLogin()
        #expect(try login.ssh(principals: [principal], serial: 1).status == 255)
    }

    @Test func `C05 the last of 256 principals logs in, and a certificate with 257 is not made`() async throws
    {
        let login = try await RealLogin()
        let others = (1...255).map { "root@web\($0).example.org" }
        #expect(try login.ssh(principals: others + ["root@env=staging"], serial: 1).outputText == "in\n")
        let one = ["root@env=staging"]
        #expect(throws: CertificateError.tooManyPrincipals(257, limit: 256)) {
            try login.ssh(principals: others + one + one, serial: 2)
        }
    }

    @Test func `a revoked serial is refused at once, without a reload, and others still enter`() async throws
    {
        let login = try await RealLogin()
        #expect(try login.ssh(principals: ["root@env=staging"], serial: 7).status == 0)
        let krl = try FakeAuthority.krl(revoking: [7], by: login.authority.userCA.publicKey)
        let reply = try login.authority.reply(version: 2, notAfter: login.time.seconds + 3600, krl: krl)
        login.authority.set { $0.reply = reply }
        #expect(await login.host.keeper(login.authority, at: login.time).sync() == [])
        #expect(try login.ssh(principals: ["root@env=staging"], serial: 7).status == 255)
        #expect(try login.ssh(principals: ["root@env=staging"], serial: 8).status == 0)
    }

    @Test func `S04 logins go on with the last good set while the disk is full`() async throws {
        let login = try await RealLogin(disk: "1m")
        let krl = try FakeAuthority.krl(revoking: [7], by: login.authority.userCA.publicKey)
        let good = try login.authority.reply(version: 2, notAfter: login.time.seconds + 3600, krl: krl)
        login.authority.set { $0.reply = good }
        #expect(await login.host.keeper(login.authority, at: login.time).sync() == [])
        try login.host.fill(leaving: 0)
        let both = try FakeAuthority.krl(revoking: [7, 8], by: login.authority.userCA.publicKey)
        let next = try login.authority.reply(version: 3, notAfter: login.time.seconds + 3600, krl: both)
        login.authority.set { $0.reply = next }
        #expect(await login.host.keeper(login.authority, at: login.time).sync().isEmpty == false)
        #expect(try login.ssh(principals: ["root@env=staging"], serial: 7).status == 255)
        #expect(try login.ssh(principals: ["root@env=staging"], serial: 8).status == 0)
        #expect(login.authority.acknowledged.last?.version == 2)
        try login.host.empty()
        #expect(await login.host.keeper(login.authority, at: login.time).sync() == [])
        #expect(try login.ssh(principals: ["root@env=staging"], serial: 8).status == 255)
        #expect(try login.ssh(principals: ["root@env=staging"], serial: 9).status == 0)
    }

    @Test(arguments: [["reeve-principals"], ["reeve-agent", "principals"]])
    func `the principals command answers an unprivileged user, and nothing for a name that is none`(
        _ command: [String]
    ) async throws {
        let login = try await RealLogin()
        let answer = { (name: String) throws in
            try Subprocess.run(
                "/usr/sbin/runuser",
                ["-u", "nobody", "--", login.safe + "/" + command[0]] + command.dropFirst()
                    + ["--data", login.host.folder.path, name])
        }
        #expect(try answer("root").outputText == "root@web1.example.com\nroot@env=staging\n")
        for name in ["Root", "%u", "$(id)", "", "roo\u{0301}t", "-x"] {
            let outcome = try answer(name)
            #expect(outcome.status == 1 && outcome.output.isEmpty && !outcome.errors.isEmpty)
        }
        try DurableFile(login.host.folder.current).remove()
        #expect(try answer("root").output.isEmpty)
    }

    @Test func `the drop-in of an older agent lets people in, and the next round of the agent replaces it`()
        async throws
    {
        let login = try await RealLogin()
        let new = try #require(login.host.text(of: login.host.settings.dropIn))
        let old = new.replacing("/reeve-principals", with: "/reeve-agent principals")
        #expect(old != new)
        try await login.restart(dropIn: old)
        #expect(try login.ssh(principals: ["root@env=staging"], serial: 1).outputText == "in\n")
        #expect(await login.host.keeper(login.authority, at: login.time).sync() == [])
        #expect(login.host.text(of: login.host.settings.dropIn) == new)
    }
}

/// A host with the agent's set in force and its sshd running, and a client that holds a key.
private final class RealLogin: Sendable {
    /// A folder that root owns all the way up, with the programs of a host.
    let safe: String
    let host: TestHost
    let authority: FakeAuthority
    let time = UnixTime(WallClock.now())
    private let server: Mutex<(port: Int, pid: pid_t)>
    private let key: PrivateKey

    init(disk: String? = nil) async throws {
        let safe = "/run/keyreeve-agent-\(UInt32.random(in: 0 ... .max))"
        let key = try PrivateKey.generate(.ed25519)
        let host = try TestHost(program: safe + "/reeve-principals", disk: disk)
        let authority = try FakeAuthority()
        try FileTree.make(safe)
        // By another process: a file that this one had open for writing cannot be run while any child holds a copy.
        let programs = try ["reeve-agent", "reeve-principals"].map { try #require(BuiltProgram.path($0)) }
        let copy = try ChildProcess("/usr/bin/install", ["-m", "755"] + programs + [safe])
        #expect(try copy.wait() == 0)
        try DurableFile(host.path + "/id").write(Array(key.openSSHText().utf8))
        let time = self.time
        let reply = try authority.reply(notAfter: time.seconds + 3600)
        authority.set {
            $0.reply = reply
            $0.validity = time.seconds + 86_400 - FakeAuthority.time.seconds
        }
        #expect(await host.keeper(authority, at: time).sync() == [])
        self.safe = safe
        self.host = host
        self.authority = authority
        self.key = key
        server = Mutex(try await Self.start(host))
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(atPath: safe)
    }

    /// By its number, not by its PidFile: that is gone for a moment when sshd reads its configuration again.
    private func stop() { kill(server.withLock { $0.pid }, SIGTERM) }

    /// Another sshd, with this drop-in.
    func restart(dropIn: String) async throws {
        stop()
        // The former one takes its PidFile away as it ends; it must not take the next one's.
        for _ in 0..<1_000 where FileTree.exists(host.path + "/sshd.pid") {
            try await Task.sleep(for: .milliseconds(10))  // polls: another process tells nobody
        }
        try DurableFile(host.settings.dropIn).write(Array(dropIn.utf8), mode: 0o644)
        let next = try await Self.start(host)
        server.withLock { $0 = next }
    }

    /// Logs in as root with a new certificate, an empty agent, and nothing known but the host CA.
    func ssh(principals: [String], serial: UInt64) throws -> Subprocess.Outcome {
        let validity = try Validity(validAfter: time.advanced(by: -60), validBefore: time.advanced(by: 600))
        let certificate = try authority.certificate(
            for: key.publicKey, kind: .user, serial: serial, principals: principals, by: authority.userCA,
            validity: validity)
        try host.write("id-cert.pub", certificate.text() + "\n")
        try host.write("known_hosts", "@cert-authority web1.example.com \(authority.hostCA.publicKey)\n")
        let options = [
            "IdentityFile=\(host.path)/id", "CertificateFile=\(host.path)/id-cert.pub", "IdentitiesOnly=yes",
            "UserKnownHostsFile=\(host.path)/known_hosts", "GlobalKnownHostsFile=none",
            "StrictHostKeyChecking=yes", "HostKeyAlias=web1.example.com", "BatchMode=yes",
        ]
        return try Subprocess.run(
            "/usr/bin/ssh",
            ["-F", "none", "-p", "\(server.withLock { $0.port })"] + options.flatMap { ["-o", $0] } + [
                "root@127.0.0.1", "echo in",
            ], seconds: 300)
    }

    /// Starts sshd on a free port and waits until it has written its PidFile.
    private static func start(_ host: TestHost) async throws -> (port: Int, pid: pid_t) {
        for _ in 0..<10 {
            let port = Int.random(in: 20_000...32_000)
            _ = try Subprocess.run(
                host.settings.sshd,
                [
                    "-f", host.settings.sshdConfig, "-E", host.path + "/sshd.log", "-o",
                    "ListenAddress=127.0.0.1",
                    "-p", "\(port)",
                ])
            for _ in 0..<200 {
                if let pid = host.text(of: host.path + "/sshd.pid").flatMap({ pid_t($0.filter(\.isNumber)) })
                {
                    return (port, pid)
                }
                try await Task.sleep(for: .milliseconds(10))  // polls: another process tells nobody
            }
        }
        throw Fault("sshd", host.text(of: host.path + "/sshd.log") ?? "")
    }
}
