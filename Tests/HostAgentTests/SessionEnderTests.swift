import FoundationEssentials
import Glibc
import Posix
import SSHFormats
import Synchronization
import TestKit
import Testing

@testable import HostAgent

@Suite(.servers, .enabled(if: isHost)) struct `Live sessions` {
    @Test func `of a revoked serial end, and all others stay`() async throws {
        let place = try await SessionPlace()
        let thief = try await place.enter(serial: 7)
        let friend = try await place.enter(serial: 8)
        // Without a command, and with an sshd that has given up root.
        let tunnel = try await place.enter(serial: 9, login: "daemon", command: nil)
        #expect(try place.end([7, 9], revoked: [7]) == [7])
        #expect(try await thief.ended())
        #expect(try friend.ending() == nil && tunnel.ending() == nil)
        #expect(try place.end([9], revoked: [7, 9]) == [9])
        #expect(try await tunnel.ended())
        #expect(try place.end([7, 9], revoked: [7, 9]) == [])
        #expect(try place.end([], revoked: [8]) == [])
        #expect(try friend.ending() == nil)
        #expect(kill(try friend.commandPID(), 0) == 0)
    }

    @Test func `end with all that they started, whether or not it listens to signals`() async throws {
        let place = try await SessionPlace()
        let thief = try await place.enter(
            serial: 7,
            command: """
                nohup sleep 1000 >/dev/null 2>&1 & echo $! >\(place.host.path)/child
                trap '' HUP TERM; while :; do sleep 1; done
                """)
        let child = try #require(
            place.host.text(of: place.host.path + "/child").flatMap { pid_t($0.filter(\.isNumber)) })
        #expect(kill(child, 0) == 0)
        #expect(try place.end([7], revoked: [7]) == [7])
        #expect(try await thief.ended())
        #expect(try await gone(try thief.commandPID()))
        #expect(try await gone(child))
    }

    @Test func `of a revoked key end by whatever certificate of it they came`() async throws {
        let place = try await SessionPlace()
        let (thief, friend) = (
            try await place.enter(serial: 7, key: 1), try await place.enter(serial: 8, key: 2)
        )
        var list = KRLBuilder(version: 1, generated: place.time)
        list.revoke(fingerprint: try place.key(1).publicKey.fingerprint)
        let nothing = KRLBuilder(version: 1, generated: place.time).build()
        #expect(try place.end(list.build(), revoked: nothing) == [])
        #expect(try place.end(nothing, revoked: list.build()) == [])
        #expect(try place.end(list.build(), revoked: list.build()) == [7])
        #expect(try await thief.ended())
        #expect(try friend.ending() == nil)
    }

    @Test func `that came by the same serial of another authority stay`() async throws {
        let place = try await SessionPlace()
        let friend = try await place.enter(serial: 7)
        let other = try PrivateKey.generate(.ed25519).publicKey.fingerprint
        #expect(try place.end([7], revoked: [7], by: other) == [])
        #expect(try friend.ending() == nil)
    }

    @Test func `whose login nobody wrote down stay`() async throws {
        let place = try await SessionPlace()
        let friend = try await place.enter(serial: 7)
        try DurableFile(place.host.path + "/sshd.log").write([], mode: 0o600)
        #expect(try place.end([7], revoked: [7]) == [])
        #expect(try friend.ending() == nil)
    }

    @Test func `are held so that another process with the same number is left alone`() throws {
        let child = try ChildProcess("/usr/bin/sleep", ["1000"])
        defer { kill(child.pid, SIGKILL) }
        let entry = try #require(ProcessTable.entry(child.pid))
        #expect(HeldProcess(entry)?.entry == entry)
        let former = ProcessTable.Entry(pid: entry.pid, parent: entry.parent, started: entry.started - 1)
        #expect(HeldProcess(former) == nil)
    }
}

private func gone(_ pid: pid_t) async throws -> Bool {
    for _ in 0..<1_000 {
        if kill(pid, 0) != 0 { return true }
        try await Task.sleep(for: .milliseconds(10))  // polls: another process tells nobody
    }
    return false
}

/// An sshd of one test alone, which trusts one CA, and people who come by certificates of it.
private final class SessionPlace: Sendable {
    /// Somebody's ssh, while it is connected.
    struct Guest {
        let ssh: ChildProcess
        let pidFile: String

        func ending() throws -> Int32? { try ssh.ending() }

        func ended() async throws -> Bool {
            for _ in 0..<3_000 {
                if try ssh.ending() != nil { return true }
                try await Task.sleep(for: .milliseconds(10))  // polls: another process tells nobody
            }
            return false
        }

        /// Of the command on the host.
        func commandPID() throws -> pid_t {
            let bytes = try DurableFile(pidFile).read(limit: 64)
            return try #require(
                pid_t(String(decoding: bytes.filter { (0x30...0x39).contains($0) }, as: UTF8.self)))
        }
    }

    let host: TestHost
    let authority: FakeAuthority
    let time = UnixTime(WallClock.now())
    private let port: Int
    private let server: ChildProcess
    private let guests = Mutex<[ChildProcess]>([])

    init() async throws {
        let port = try FreePort.find()
        let authority = try FakeAuthority()
        let host = try TestHost(extra: "Port \(port)\nListenAddress 127.0.0.1\n")
        try host.write("ca.pub", authority.userCA.publicKey.text() + "\n")
        try host.write(
            "sshd_config",
            (host.text(of: host.settings.sshdConfig) ?? "") + "TrustedUserCAKeys \(host.path)/ca.pub\n")
        (self.port, self.authority, self.host) = (port, authority, host)
        server = try ChildProcess(
            host.settings.sshd, ["-D", "-f", host.settings.sshdConfig, "-E", host.path + "/sshd.log"])
        try await until { host.text(of: host.path + "/sshd.pid") != nil }
    }

    deinit {
        for guest in guests.withLock({ $0 }) { kill(guest.pid, SIGKILL) }
        kill(server.pid, SIGKILL)
    }

    func key(_ number: UInt8) throws -> PrivateKey {
        try PrivateKey(ed25519Seed: [UInt8](repeating: number, count: 32))
    }

    /// Logs in, and stays.
    func enter(
        serial: UInt64, login: String = "root", key number: UInt8 = 1, command: String? = "exec sleep 1000"
    ) async throws -> Guest {
        let (key, name) = (try key(number), host.path + "/guest-\(serial)")
        let certificate = try authority.certificate(
            for: key.publicKey, kind: .user, serial: serial, principals: [login], by: authority.userCA,
            validity: try Validity(validAfter: time.advanced(by: -60), validBefore: time.advanced(by: 3_600)))
        try DurableFile(name).write(Array(key.openSSHText().utf8))
        try DurableFile(name + "-cert.pub").write(Array((certificate.text() + "\n").utf8))
        let options = [
            "IdentitiesOnly=yes", "UserKnownHostsFile=/dev/null", "GlobalKnownHostsFile=none",
            "StrictHostKeyChecking=no", "BatchMode=yes", "LogLevel=ERROR",
        ]
        let flags = ["-F", "none", "-p", "\(port)", "-i", name] + options.flatMap { ["-o", $0] }
        let line = command.map { "echo $$ >\(name).pid; \($0)" }
        let ssh = try ChildProcess(
            "/usr/bin/ssh",
            flags + (line == nil ? ["-N"] : []) + ["\(login)@127.0.0.1"] + (line.map { [$0] } ?? []))
        guests.withLock { $0.append(ssh) }
        let (log, isThere) = (host.path + "/sshd.log", name + ".pid")
        try await until { [host] in
            host.text(of: log)?.contains("(serial \(serial)) CA") ?? false
                && (command == nil || !(host.text(of: isThere) ?? "").isEmpty)
        }
        return Guest(ssh: ssh, pidFile: isThere)
    }

    /// - Returns: The serials by which they came that were ended.
    func end(_ order: [UInt64], revoked: [UInt64], by authority: Fingerprint? = nil) throws -> [UInt64] {
        let lists = try [order, revoked].map { serials in
            var list = KRLBuilder(version: 1, generated: time)
            for serial in serials { try list.revoke(serial: serial, by: nil) }
            return list.build()
        }
        return try end(lists[0], revoked: lists[1], by: authority)
    }

    func end(_ order: KRL, revoked: KRL, by authority: Fingerprint? = nil) throws -> [UInt64] {
        var settings = host.settings
        settings.sshdLog = host.path + "/sshd.log"
        return try SessionEnder(settings).end(
            order, revoked: revoked, by: [authority ?? self.authority.userCA.publicKey.fingerprint]
        ).compactMap(\.serial)
    }

    private func until(_ holds: () -> Bool) async throws {
        for _ in 0..<3_000 {
            if holds() { return }
            try await Task.sleep(for: .milliseconds(10))  // polls: another process tells nobody
        }
        throw Fault("sshd", host.text(of: host.path + "/sshd.log") ?? "no log")
    }
}
