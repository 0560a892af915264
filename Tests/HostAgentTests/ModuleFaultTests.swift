import CPAM
import Glibc
import Posix
import SSHFormats
import Synchronization
import Testing

@testable import HostAgent

/// Whatever is wrong with the way to the agent: PAM_AUTH_ERR, in every function that asks.
@Suite(.enabled(if: SudoHost.isPossible)) struct `pam_reeve refuses` {
    /// One that would be let act, were the socket in order.
    private func host() throws -> SudoHost {
        let host = try SudoHost()
        try host.install()
        #expect(try host.open(try host.certificate()) == PAM_SUCCESS)
        return host
    }

    private func expectRefused(_ caller: ModuleCaller) throws {
        for call in ModuleCaller.Call.allCases {
            #expect(try caller.call(call).code == PAM_AUTH_ERR, "\(call)")
        }
    }

    private func shell(_ line: String) throws {
        let outcome = try Subprocess.run("/bin/sh", ["-ec", line])
        try #require(outcome.status == 0, "\(outcome.complaint)")
    }

    enum Way: String, Sendable, CaseIterable {
        case `no agent`, `dead agent`, fifo, file, `symbolic link to the socket`,
            `symbolic link to the folder`
        case `folder that others may write to`, `folder of another user`, `socket of another user`
        case `relative path`, `path that is too long`, `argument that is not known`
    }

    @Test(arguments: Way.allCases) func `something else in place of the agent and its socket`(
        _ way: Way
    ) throws {
        let host = try host()
        let (folder, socket) = (host.path + "/agent", host.socket)
        switch way {
        case .`no agent`: try expectRefused(host.caller("socket=\(folder)/nobody.sock"))
        case .`dead agent`:
            // Bound, and its process gone.
            try shell(
                "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"\(folder)/dead.sock\")'")
            #expect(try DurableFile(folder + "/dead.sock").access().isSocket)
            try expectRefused(host.caller("socket=\(folder)/dead.sock"))
        case .fifo:
            try shell("mkfifo \(folder)/fifo")
            try expectRefused(host.caller("socket=\(folder)/fifo"))
        case .file:
            try DurableFile(folder + "/file").write([])
            try expectRefused(host.caller("socket=\(folder)/file"))
        case .`symbolic link to the socket`:
            try shell("ln -s \(socket) \(folder)/link")
            try expectRefused(host.caller("socket=\(folder)/link"))
        case .`symbolic link to the folder`:
            try shell("ln -s \(folder) \(host.path)/link")
            try expectRefused(host.caller("socket=\(host.path)/link/pam.sock"))
        case .`folder that others may write to`:
            try shell("chmod 1777 \(folder)")
            try expectRefused(host.caller())
        case .`folder of another user`:
            try shell("chown nobody \(folder)")
            try expectRefused(host.caller())
        case .`socket of another user`:
            try shell("chown nobody \(socket)")
            try expectRefused(host.caller())
        case .`relative path`: try expectRefused(host.caller("socket=pam.sock"))
        case .`path that is too long`:
            try expectRefused(host.caller("socket=/" + String(repeating: "x", count: 200)))
        case .`argument that is not known`: try expectRefused(host.caller("socket=\(socket) nullok"))
        }
        #expect(host.sessions.all.count == 1)
    }

    @Test func `with a socket on which another user listens, whoever owns the file`() throws {
        let host = try host()
        let socket = host.path + "/agent/nobody.sock"
        try shell("install -d -o nobody \(host.path)/theirs")
        let listener = try ChildProcess(
            "/usr/sbin/runuser",
            [
                "-u", "nobody", "--", "python3", "-c",
                """
                import socket, time
                s = socket.socket(socket.AF_UNIX); s.bind('\(host.path)/theirs/s'); s.listen(8)
                while True:
                    c, _ = s.accept(); c.sendall(b'\\0\\0\\0\\1\\1'); c.close()
                """,
            ])
        defer {
            kill(-listener.pid, SIGKILL)
            _ = try? listener.wait()
        }
        for _ in 0..<1_000 where !FileTree.exists(host.path + "/theirs/s") {
            BlockingThread.pause(milliseconds: 10)
        }
        try shell("mv \(host.path)/theirs/s \(socket) && chown root \(socket)")
        try expectRefused(host.caller("socket=\(socket)"))
    }

    /// What a peer says that is no agent, or a broken one.
    private static let replies: [[UInt8]] = [
        [], [0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff, 1], [0, 0, 0, 1],
        [0, 0, 0, 2, 1],
        [0, 0, 0, 1, 0], [0, 0, 0, 1, 2], [0, 0, 0, 2, 1, 1], [0, 0, 0, 1, 3], [1], [0, 0, 0],
        [0, 0, 0, 5, 2, 0, 0, 0, 1], [0, 0, 0, 5, 2, 0xff, 0xff, 0xff, 0xff], [0, 0, 0x10, 0x01, 1],
        [0, 0, 0, 6, 2, 0, 0, 0, 2, 0x41], Array("HTTP/1.1 200 OK\r\n".utf8),
    ]

    @Test(arguments: replies) func `whatever else than yes a peer says`(_ reply: [UInt8]) throws {
        let host = try host()
        let socket = host.path + "/agent/odd.sock"
        let listener = try UnixListener(socket)
        let served = Mutex(0)
        try BlockingThread.start {
            for _ in ModuleCaller.Call.allCases {
                guard let connection = try? listener.accept() else { return }
                served.withLock { $0 += 1 }
                try? connection.write(reply)
                connection.shutdown()
            }
        }
        try expectRefused(host.caller("socket=\(socket)"))
        #expect(served.withLock { $0 } == ModuleCaller.Call.allCases.count)
    }

    @Test(.timeLimit(.minutes(5)))
    func `M07 after five seconds where a peer says nothing, or a byte at a time`() throws {
        let host = try host()
        let (silent, slow) = (host.path + "/agent/silent.sock", host.path + "/agent/slow.sock")
        let quiet = try UnixListener(silent)
        let trickle = try UnixListener(slow)
        try BlockingThread.start {
            guard let connection = try? trickle.accept() else { return }
            let reply: [UInt8] = [0, 0, 0, 200, 2, 0, 0, 0, 195] + [UInt8](repeating: 0x41, count: 195)
            for byte in reply {
                guard (try? connection.write([byte])) != nil else { return }
                BlockingThread.pause(milliseconds: 300)
            }
        }
        for socket in [silent, slow] {
            let began = MonotonicClock.now()
            let outcome = try host.caller("socket=\(socket)").call(.authenticate)
            let seconds = Double(MonotonicClock.now() - began) / 1e9
            #expect(outcome.code == PAM_AUTH_ERR && outcome.heard.first?.contains("does not answer") == true)
            #expect(seconds >= 4.9, "\(seconds)")
        }
        withExtendedLifetime(quiet) {}
    }

    @Test func `M06 nothing of the process that asks is changed, by a hundred threads of it neither`() throws
    {
        let host = try host()
        let stack = "auth required \(host.module) socket=\(host.socket)\n"
        try DurableFile(host.path + "/stacks/many").write(Array(stack.utf8), mode: 0o644)
        let script =
            #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/PAM/asks-often.py"
        // It is a child of this process, which is the login.
        let outcome = try Subprocess.run(
            "/usr/bin/python3", [script, host.path + "/stacks", "many", SudoHost.login])
        let lines = outcome.outputText.split(separator: "\n")
        #expect(outcome.status == 0 && lines.count == 3, "\(outcome.complaint)")
        #expect(lines.first == lines.dropFirst().first)
        #expect(lines.last == "500 times 0")
    }

    @Test func `has five functions to offer, and needs libpam and libc alone`() throws {
        let host = try host()
        defer { withExtendedLifetime(host) {} }
        let module = host.module
        let symbols = try Subprocess.run("/usr/bin/nm", ["-D", "--defined-only", module])
        try #require(symbols.status == 0, "\(symbols.complaint)")
        let names = symbols.outputText.split(separator: "\n").compactMap { $0.split(separator: " ").last }
        #expect(
            Set(names) == [
                "pam_sm_authenticate", "pam_sm_setcred", "pam_sm_acct_mgmt", "pam_sm_open_session",
                "pam_sm_close_session",
            ])
        let sections = try Subprocess.run("/usr/bin/readelf", ["-d", module]).outputText.split(
            separator: "\n")
        let needed = sections.filter { $0.contains("(NEEDED)") }.compactMap { $0.split(separator: "[").last }
        #expect(Set(needed) == ["libpam.so.0]", "libc.so.6]"])
        #expect(sections.contains { $0.contains("NODELETE") })
    }

    /// `a\0b` cannot reach a module: libpam's names end at the first NUL.
    @Test(arguments: [
        "daemon\nroot", "Daemon", "", "-x", String(repeating: "a", count: 256), "root@web1", "../root",
        "nosuchuser",
        "daemo\u{6e}\u{301}",
    ])
    func `M05 a name that no certificate can be for`(_ name: String) throws {
        let host = try host()
        var caller = host.caller(login: name.isEmpty ? "daemon" : name)
        guard !name.isEmpty else {
            // An empty caller counts as none.
            caller.caller = ""
            #expect(try caller.call(.authenticate).code == PAM_SUCCESS)
            return
        }
        try expectRefused(caller)
    }
}
