import FoundationEssentials
import Glibc
import HostDocuments
import Posix
import SSHFormats
import Synchronization
import Testing

@testable import HostAgent

/// A host whose agent answers `pam_reeve.so`, in this process: its state, its clock and its sessions are the test's.
final class SudoHost: Sendable {
    static let isPossible = isHost && BuiltProgram.path("libpam_reeve.so") != nil
    static let login = "daemon"
    static let time = FakeAuthority.time

    let host: TestHost
    let authority: FakeAuthority
    let sessions: LoginSessions
    private let clock: Clock
    let isAnswering: Bool
    var path: String { host.path }
    var socket: String { path + "/agent/pam.sock" }
    var module: String { path + "/pam_reeve.so" }

    private final class Clock: Sendable {
        let time: Mutex<UnixTime>
        init(_ time: UnixTime) { self.time = Mutex(time) }
    }

    /// - Parameters:
    ///   - time: What the clock says at first.
    ///   - answering: Whether an agent is there at all.
    init(at time: UnixTime = SudoHost.time, grace: UInt64 = 86_400, answering: Bool = true) throws {
        host = try TestHost()
        authority = try FakeAuthority()
        clock = Clock(time)
        isAnswering = answering
        sessions = LoginSessions(host.path + "/agent/sessions")
        try FileTree.make(host.path + "/stacks")
        try FileTree.make(host.path + "/agent")
        let copy = try ChildProcess(
            "/usr/bin/install",
            ["-m", "644", try #require(BuiltProgram.path("libpam_reeve.so")), host.path + "/pam_reeve.so"])
        #expect(try copy.wait() == 0)
        try DurableFile(path + "/user_ca").write(Array(authority.userCA.openSSHText().utf8))
        guard answering else { return }
        let state = StateInForce(host.installer(authority), host.folder)
        let service = ModuleService(
            sessions: sessions, grace: grace, now: { [clock] in clock.time.withLock { $0 } },
            state: { state.state() })
        try ModuleListener(socket, service: service).start()
    }

    func set(clock time: UnixTime) { clock.time.withLock { $0 = time } }

    /// Puts a state in force.
    func install(
        version: UInt64 = 1, at time: UnixTime = SudoHost.time, revoking serials: [UInt64] = [],
        labels: [String] = ["env=staging"], keys: [PublicKey]? = nil
    ) throws {
        let krl = try FakeAuthority.krl(revoking: serials, by: authority.userCA.publicKey)
        let reply = try authority.reply(
            version: version, issuedAt: time.seconds, labels: labels, notAfter: time.seconds + 86_400,
            krl: krl, keys: keys)
        #expect(try host.installer(authority).install(reply, at: time) == .replaced)
    }

    /// The line that `ssh-keygen -s` makes with these options for a key of its own.
    func certificate(
        _ options: [String] = ["-n", "daemon@env=staging"], serial: UInt64 = 1,
        keyID: String = "person:alice/x",
        ca: String? = nil, hours: ClosedRange<Int64> = 0...8
    ) throws -> String {
        let name = path + "/key-\(UInt32.random(in: 0 ... .max))"
        let key = try PrivateKey.generate(.ed25519)
        try DurableFile(name + ".pub").write(Array((key.publicKey.text() + "\n").utf8))
        let moments = [hours.lowerBound * 3_600 - 60, hours.upperBound * 3_600].map {
            SudoHost.time.advanced(by: $0).utcText.filter(\.isNumber) + "Z"
        }
        let outcome = try Subprocess.run(
            "/usr/bin/ssh-keygen",
            ["-q", "-s", ca ?? path + "/user_ca", "-I", keyID, "-z", "\(serial)", "-V"]
                + [moments.joined(separator: ":")] + options + [name + ".pub"])
        try #require(outcome.status == 0, "\(outcome.complaint)")
        return String(decoding: try DurableFile(name + "-cert.pub").read(limit: 65_536), as: UTF8.self)
    }

    func caller(_ arguments: String? = nil, login: String = SudoHost.login) -> ModuleCaller {
        ModuleCaller(
            folder: path + "/stacks", module: module, arguments: arguments ?? "socket=\(socket)", login: login
        )
    }

    /// sshd lets somebody in by this certificate: this very process is that login.
    func open(_ certificate: String, login: String = SudoHost.login) throws -> CInt {
        var caller = caller(login: login)
        let words = certificate.split(separator: " ").prefix(2).joined(separator: " ")
        caller.environment = [
            "SSH_AUTH_INFO_0": "publickey \(words)\n", "SSH_CONNECTION": "192.0.2.1 4711 192.0.2.2 22",
        ]
        return try caller.call(.open).code
    }

    /// Both phases that sudo may ask.
    func sudo(login: String = SudoHost.login) throws -> [ModuleCaller.Outcome] {
        let caller = caller(login: login)
        return [try caller.call(.authenticate), try caller.call(.account)]
    }
}
