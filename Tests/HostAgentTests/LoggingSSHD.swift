import Diagnosis
import FoundationEssentials
import Glibc
import Posix
import SSHFormats
import Synchronization
import Testing

@testable import HostAgent

/// A real sshd in a mount namespace of its own, with accounts, PAM stack and log of its own: what it logs comes through
/// syslog(3), as on any host.
final class LoggingSSHD: Sendable {
    let path: String
    let authority: PrivateKey
    private let key: PrivateKey
    private let port = Int.random(in: 20_000...32_000)
    private let listener: ChildProcess
    private let read = Mutex(0)

    static let time = UnixTime(WallClock.now())

    /// - Parameters:
    ///   - lines: Of sshd_config, before the usual ones; `@` is the folder.
    ///   - files: What stands otherwise in /etc.
    init(_ lines: String = "", level: String = "INFO", files: [String: String] = [:]) async throws {
        path = "/run/keyreeve-log-\(UInt32.random(in: 0 ... .max))"
        authority = try PrivateKey.generate(.ed25519)
        key = try PrivateKey.generate(.ed25519)
        try FileTree.make("/run/sshd")
        try FileTree.make(path)
        #expect(try Subprocess.run("/bin/cp", ["-a", "/etc", path + "/etc"]).status == 0)
        listener = try Self.listen(path)
        for folder in ["ann", "loose"] { try FileTree.make("\(path)/\(folder)/.ssh") }
        try accounts()
        for (name, text) in files { try write("etc/" + name, text) }
        try write("ca.pub", authority.publicKey.text() + "\n")
        try write("host_key", try PrivateKey.generate(.ed25519).openSSHText(), mode: 0o600)
        try write("id", key.openSSHText(), mode: 0o600)
        for name in ["ann", "loose"] {
            try write("\(name)/.ssh/authorized_keys", key.publicKey.text() + "\n")
        }
        try DurableFile(path + "/revoked.krl").write(
            try FakeAuthority.krl(revoking: [66], by: authority.publicKey), mode: 0o644)
        try write("principals", "#!/bin/sh\necho $1@web1\n", mode: 0o755)
        try write("fails", "#!/bin/sh\nexit 3\n", mode: 0o755)
        try write("open-to-all", "#!/bin/sh\necho $1@web1\n", mode: 0o777)
        try write("sshd_config", lines.replacing("@", with: path) + "\n" + usual(level))
        try await start()
    }

    deinit {
        if let pid = text("sshd.pid").flatMap({ pid_t($0.filter(\.isNumber)) }) { kill(pid, SIGKILL) }
        listener.send(signal: SIGKILL)
        _ = try? listener.wait()
        try? FileManager.default.removeItem(atPath: path)
    }

    private func usual(_ level: String) -> String {
        """
        LogLevel \(level)
        ListenAddress 127.0.0.1
        Port \(port)
        PidFile \(path)/sshd.pid
        HostKey \(path)/host_key
        TrustedUserCAKeys \(path)/ca.pub
        RevokedKeys \(path)/revoked.krl
        AuthorizedKeysFile .ssh/authorized_keys
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        PermitRootLogin yes
        MaxStartups 100
        UsePAM no

        """
    }

    /// What somebody logs in with, who cannot be asked.
    struct Attempt {
        var user = "root"
        var principals = ["root"]
        var serial: UInt64 = 1
        var kind = CertificateKind.user
        /// Seconds from now.
        var validity: ClosedRange<Int64> = -60...600
        var options = CriticalOptions()
        /// Who signed it; nil: the CA that the host trusts.
        var signer: PrivateKey?
        /// Whether there is a certificate at all.
        var isCertified = true
        var further: [String] = []
    }

    /// Logs in, and waits until the log says this.
    ///
    /// - Returns: What it says; all that came since the last attempt is known, or the test fails.
    @discardableResult
    func expect(_ code: String, of attempt: Attempt) async throws -> LogReading? {
        try offer(attempt)
        let options = [
            "IdentityFile=\(path)/id", "IdentitiesOnly=yes", "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null", "IdentityAgent=none", "BatchMode=yes", "ConnectTimeout=20",
        ]
        _ = try Subprocess.run(
            "/usr/bin/ssh",
            ["-F", "none", "-p", "\(port)"] + options.flatMap { ["-o", $0] } + attempt.further
                + ["\(attempt.user)@127.0.0.1", "true"])
        let before = read.withLock { $0 }
        var found: LogReading?
        for _ in 0..<1_000 where found == nil {
            found = lines().dropFirst(before).map(LogReading.init(ofLine:)).first { $0.code == code }
            guard found == nil else { break }
            try await Task.sleep(for: .milliseconds(10))  // polls: another process tells nobody
        }
        let new = Array(lines().dropFirst(before))
        read.withLock { $0 = before + new.count }
        #expect(found != nil, "\(code): \(new)")
        for line in new {
            #expect(LogReading(ofLine: line).outcome != .unknown, "\(line)")
        }
        return found
    }

    private func offer(_ attempt: Attempt) throws {
        try DurableFile(path + "/id-cert.pub").remove()
        guard attempt.isCertified else { return }
        let signer = attempt.signer ?? authority
        let draft = try CertificateDraft(
            kind: attempt.kind, publicKey: key.publicKey, serial: attempt.serial,
            keyID: "alice/grant:staging",
            principals: try Principals(attempt.principals),
            validity: try Validity(
                validAfter: Self.time.advanced(by: attempt.validity.lowerBound),
                validBefore: Self.time.advanced(by: attempt.validity.upperBound)),
            criticalOptions: attempt.options, extensions: attempt.kind == .user ? .standard : .none,
            nonce: (0..<32).map { _ in .random(in: 0...255) }, signatureKey: signer.publicKey)
        let certificate = try draft.sealed(with: try signer.sign(draft.toBeSigned))
        try write("id-cert.pub", certificate.text() + "\n")
    }

    private func lines() -> [String] {
        (text("syslog") ?? "").split(separator: "\n").map(String.init).filter { $0.contains("sshd") }
    }

    private func text(_ name: String) -> String? {
        guard let bytes = try? DurableFile(path + "/" + name).readIfPresent(limit: 4_000_000) else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func write(_ name: String, _ text: String, mode: UInt32 = 0o644) throws {
        try DurableFile(path + "/" + name).write(Array(text.utf8), mode: mode)
    }

    /// Accounts that only this sshd has.
    private func accounts() throws {
        let shells = [
            ("ann", "/bin/sh"), ("loose", "/bin/sh"), ("noshell", "/no/such/shell"),
            ("badshell", "/etc/passwd"),
            ("locked", "/bin/sh"), ("gone", "/bin/sh"),
        ]
        var (passwd, shadow) = (text("etc/passwd") ?? "", text("etc/shadow") ?? "")
        for (index, (name, shell)) in shells.enumerated() {
            passwd += "\(name):x:\(5_001 + index):65534::\(path)/\(name):\(shell)\n"
            shadow +=
                "\(name):\(name == "locked" ? "!" : "*"):19000:0:99999:7::\(name == "gone" ? "19001" : ""):\n"
        }
        try write("etc/passwd", passwd)
        try write("etc/shadow", shadow, mode: 0o640)
        for (index, name) in ["ann", "loose"].enumerated() {
            _ = try Subprocess.run("/bin/chown", ["-R", "\(5_001 + index)", "\(path)/\(name)"])
        }
        unsafe chmod(path + "/loose", 0o777)
    }

    /// Writes down what arrives at a socket: the syslog of this host.
    private static func listen(_ path: String) throws -> ChildProcess {
        let program = """
            import os, socket, sys
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind(sys.argv[1] + "/log.sock")
            # sshd speaks as the user, too.
            os.chmod(sys.argv[1] + "/log.sock", 0o666)
            f = open(sys.argv[1] + "/syslog", "ab", 0)
            while True: f.write(s.recv(9000) + b"\\n")
            """
        return try ChildProcess("/usr/bin/python3", ["-c", program, path])
    }

    private func start() async throws {
        for _ in 0..<1_000 where !FileTree.exists(path + "/syslog") {
            try await Task.sleep(for: .milliseconds(10))  // polls: another process tells nobody
        }
        let script = """
            set -e
            cd \(path)
            mount --bind etc /etc
            mkdir dev
            mount -t tmpfs none dev
            for d in null zero random urandom tty ptmx; do cp -a /dev/$d dev; done
            mkdir dev/pts
            mount --bind /dev/pts dev/pts
            ln -s \(path)/log.sock dev/log
            mount --rbind dev /dev
            exec /usr/sbin/sshd -f \(path)/sshd_config
            """
        let started = try Subprocess.run("/usr/bin/unshare", ["-m", "/bin/sh", "-c", script])
        guard started.status == 0 else { throw Fault("sshd", started.complaint) }
        for _ in 0..<1_000 where text("sshd.pid")?.isEmpty ?? true {
            try await Task.sleep(for: .milliseconds(10))  // polls: another process tells nobody
        }
    }
}
