import FoundationEssentials
import Glibc
import Posix
import SSHFormats
import Synchronization
import Testing

@testable import HostAgent

/// A host with an agent that answers pam_reeve, an sshd that tells it of logins, and a sudo that asks it.
final class RealSudo: Sendable {
    static let isPossible =
        SudoHost.isPossible && FileTree.exists("/usr/bin/sudo") && FileTree.exists("/usr/sbin/useradd")
    /// Whether the kernel gives sessions of audit(7), and lets us.
    static let hasAuditSessions =
        (try? Subprocess.run(
            "/bin/sh", ["-ec", "echo 0 >/proc/self/loginuid; test $(cat /proc/self/sessionid) != 4294967295"]))?
        .status == 0

    let host: SudoHost
    let time: UnixTime
    private let server: ChildProcess
    private let port: Int
    /// A folder that everybody may write to.
    var box: String { host.path + "/box" }

    private static let script =
        #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/PAM/with-sudo.sh"

    init() throws {
        let time = UnixTime(WallClock.now())
        let host = try SudoHost(at: time)
        self.host = host
        self.time = time
        try host.install(at: time)
        try FileTree.make(host.path + "/box")
        unsafe chmod(host.path + "/box", 0o1777)
        try host.host.write("conf.d/10-pam.conf", "UsePAM yes\nMaxSessions 200\nMaxStartups 200\n")
        try host.host.write(
            "conf.d/20-ca.conf",
            "TrustedUserCAKeys \(host.path)/user_ca.pub\nAuthorizedPrincipalsFile \(host.path)/principals\n")
        try host.host.write("user_ca.pub", host.authority.userCA.publicKey.text() + "\n")
        try host.host.write("principals", "deploy@env=staging\ntoor@env=staging\n")
        let port = Int.random(in: 20_000...32_000)
        self.port = port
        server = try ChildProcess(
            "/usr/bin/unshare",
            [
                "-m", "--propagation", "private", Self.script, host.path,
                "\(host.module) socket=\(host.socket)", "/usr/sbin/sshd",
            ]
                + ["-D", "-f", host.host.settings.sshdConfig, "-E", host.path + "/sshd.log"]
                + ["-o", "ListenAddress=127.0.0.1", "-p", "\(port)"])
        try #require(wait { FileTree.exists(host.path + "/sshd.pid") }, "\(text("../sshd.log"))")
    }

    deinit {
        for login in ["deploy", "toor"] { try? logOut(login) }
        kill(server.pid, SIGKILL)
        _ = try? server.wait()
    }

    /// Holds a connection, over which ``ssh(_:_:seconds:)`` goes.
    func logIn(_ login: String, serial: UInt64, keyID: String = "person:alice/x") throws {
        let validity = try Validity(validAfter: time.advanced(by: -60), validBefore: time.advanced(by: 3_600))
        let key = try PrivateKey.generate(.ed25519)
        let certificate = try host.authority.certificate(
            for: key.publicKey, kind: .user, serial: serial, principals: ["\(login)@env=staging"],
            by: host.authority.userCA, validity: validity)
        let name = "\(host.path)/\(login)-\(serial)"
        try DurableFile(name).write(Array(key.openSSHText().utf8))
        try DurableFile(name + "-cert.pub").write(Array((certificate.text() + "\n").utf8))
        let outcome = try Subprocess.run(
            "/usr/bin/ssh",
            options(login) + ["-i", name, "-o", "ControlMaster=yes", "-fN", "\(login)@127.0.0.1"])
        try #require(outcome.status == 0, "\(outcome.complaint) \(text("../sshd.log"))")
    }

    func logOut(_ login: String) throws {
        _ = try Subprocess.run("/usr/bin/ssh", options(login) + ["-O", "exit", "\(login)@127.0.0.1"])
    }

    func ssh(_ login: String, _ command: String, seconds: UInt64 = 60) throws -> Subprocess.Outcome {
        try Subprocess.run(
            "/usr/bin/ssh", options(login) + ["\(login)@127.0.0.1", command], seconds: seconds)
    }

    private func options(_ login: String) -> [String] {
        let set = [
            "ControlPath=\(host.path)/\(login).mux", "IdentitiesOnly=yes", "UserKnownHostsFile=/dev/null",
            "StrictHostKeyChecking=no", "BatchMode=yes", "LogLevel=ERROR",
        ]
        return ["-F", "none", "-p", "\(port)"] + set.flatMap { ["-o", $0] }
    }

    /// Writes to the /etc that sshd and sudo see.
    func write(_ text: String, to file: String) throws {
        try DurableFile("\(host.path)/etc/\(file)").write(Array(text.utf8), mode: 0o644)
    }

    func text(_ name: String) -> String {
        String(decoding: (try? DurableFile("\(box)/\(name)").read(limit: 1_048_576)) ?? [], as: UTF8.self)
    }

    /// Polls for a minute; other processes tell nobody.
    func wait(_ condition: () -> Bool) -> Bool {
        for _ in 0..<6_000 {
            if condition() { return true }
            BlockingThread.pause(milliseconds: 10)
        }
        return condition()
    }
}
