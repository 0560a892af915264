import Foundation
import Glibc
import Posix
import TestKit

/// A real `reeve-door` before a real `reeved`, and people who come to it with clients of their own.
final class FrontDoor: Sendable {
    let house: Installation
    let port: Int
    let name: String
    private let running = Running()

    var data: String { "\(house.scratch.folder)/door" }
    var log: String { house.scratch.text("\(name).log") }
    var pid: Int32 { running.pid }

    /// Both, and an admin; waits until they serve.
    ///
    /// - Parameters:
    ///   - configuration: What the authority is configured with besides.
    ///   - housePort: A free one that others know already.
    init(_ more: [String] = [], configuration: String = "", housePort: Int? = nil) async throws {
        name = "door"
        let scratch = Scratch()
        port = try FreePort.find()
        let keys = try await Program.run(
            "reeve-door", ["keys", "--data", scratch.path("door"), "--address", "127.0.0.1:\(port)"])
        guard keys.status == 0 else { throw Failure("reeve-door keys: \(keys.errors)") }
        house = try await Installation(configuration: keys.output + "\n" + configuration, port: housePort)
        let moved = try await Program.run("/usr/bin/mv", [scratch.path("door"), house.scratch.path("door")])
        guard moved.status == 0 else { throw Failure("mv: \(moved.errors)") }
        try await house.enrolAdmin()
        try await start(more)
    }

    deinit { running.kill() }

    func start(_ more: [String] = []) async throws {
        var arguments = ["serve", "--data", data, "--listen", "127.0.0.1:\(port)", "--server", house.url]
        arguments += ["--root", "\(house.data)/tls-root.pem"] + more
        if ProcessHardening.isRoot { arguments += ["--user", "nobody"] }
        try running.start(Program.path("reeve-door"), arguments, log: house.scratch.path("\(name).log"))
        try await until("reeve-door serves") { self.log.contains("\"serving\"") || !self.running.isRunning }
        guard running.isRunning else { throw Failure("reeve-door: \(log)") }
    }

    func stop() async {
        running.kill()
        _ = await running.ended()
    }

    /// The workers that run now.
    var workers: [Int32] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return tasks.flatMap { task in
            let text = try? String(contentsOfFile: "/proc/\(pid)/task/\(task)/children", encoding: .utf8)
            return (text ?? "").split(separator: " ").compactMap { Int32($0) }
        }
    }

    /// A person with a password, an authenticator app and no other device than the one they enrol with.
    func person(_ name: String) async throws {
        let added = try await house.reeve(["person", "add", name, "--login", name, "--link-only"])
        guard added.status == 0 else { throw Failure("person add: \(added.errors)") }
        try await house.enrol(
            name, link: try house.scratch.write(added.output, to: "\(name).link"),
            home: house.scratch.path("home-\(name)"))
    }

    /// The host key, as a known_hosts file has it.
    func knownHosts() throws -> String {
        let key = house.scratch.text("door/ssh_host_ed25519_key.pub")
        return try house.scratch.write("[127.0.0.1]:\(port) \(key)", to: "door_known_hosts")
    }

    /// A program that answers ssh's prompts for this person: with a code that nobody has used yet.
    func askpass(_ name: String, password: String? = nil) throws -> String {
        let script = """
            #!/bin/sh
            case "$1" in
            *assword*) echo '\(password ?? "correct horse \(name) staple")' ;;
            *) oathtool --totp -b "$(cat \(house.scratch.path("\(name).totp")))" -N "$(date -d '+30 sec' '+%F %T')" ;;
            esac

            """
        let path = try house.scratch.write(script, to: "askpass-\(name)-\(UUID().uuidString)")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    /// Stock ssh as this person.
    func ssh(
        _ name: String, _ command: [String] = [], options: [String] = [], input: String = "",
        agent: String = "",
        password: String? = nil, askpass: String? = nil
    ) async throws -> Program.Ending {
        let settings = [
            "UserKnownHostsFile=\(try knownHosts())", "GlobalKnownHostsFile=/dev/null",
            "StrictHostKeyChecking=yes", "NumberOfPasswordPrompts=1",
        ]
        return try await Program.run(
            "/usr/bin/ssh",
            ["-F", "none", "-p", "\(port)"] + settings.flatMap { ["-o", $0] } + options
                + ["\(name)@127.0.0.1"] + command,
            environment: [
                "SSH_AUTH_SOCK": agent, "SSH_ASKPASS": try askpass ?? self.askpass(name, password: password),
                "SSH_ASKPASS_REQUIRE": "force",
            ], input: input)
    }
}

/// Answers ssh's prompts one after another, and keeps what was asked. `code` stands for the authenticator's next code, and
/// what begins with `wait` is held back until ``goOn()``; where no answer is left, it is empty.
struct ScriptedAnswers {
    private let scratch = Scratch()
    let program: String

    /// - Parameter secret: File with the authenticator's secret.
    init(_ answers: [String], secret: String) throws {
        let lines = try scratch.write(answers.map { $0 + "\n" }.joined(), to: "answers")
        let asked = try scratch.write("", to: "asked")
        let gate = scratch.path("gate")
        guard unsafe mkfifo(gate, 0o600) == 0 else { throw Failure("mkfifo \(gate)") }
        let script = """
            #!/bin/sh
            printf '%s' "$1" | tr '\\n' ' ' >>\(asked)
            echo >>\(asked)
            answer=$(sed -n "$(wc -l <\(asked))p" \(lines))
            case $answer in "wait "*) read -r _ <\(gate); answer=${answer#wait } ;; esac
            if [ "$answer" = code ]; then
                exec oathtool --totp -b "$(cat \(secret))" -N "$(date -d '+30 sec' '+%F %T')"
            fi
            echo "$answer"

            """
        program = try scratch.write(script, to: "askpass")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    }

    /// Lets an answer that waits be given.
    func goOn() async throws {
        let ending = try await Program.run("/bin/sh", ["-c", "echo >\(scratch.path("gate"))"])
        guard ending.status == 0 else { throw Failure("\(ending.errors)") }
    }

    /// The prompts, without who asks.
    var asked: [String] {
        scratch.text("asked").split(separator: "\n").map { line in
            let text = line.split(separator: ") ", maxSplits: 1).last.map(String.init) ?? ""
            return text.trimmingCharacters(in: .whitespaces)
        }
    }
}

/// OpenSSH's `ssh-agent`, which ends with this.
final class OwnAgent: Sendable {
    let socket: String
    private let scratch = Scratch()
    private let running = Running()

    init() async throws {
        let socket = scratch.path("agent.sock")
        self.socket = socket
        try running.start("/usr/bin/ssh-agent", ["-D", "-a", socket], log: scratch.path("log"))
        try await until("ssh-agent listens") { FileManager.default.fileExists(atPath: socket) }
    }

    deinit { running.kill() }

    /// The lines of `ssh-add -L`; none from an empty agent.
    func lines() async throws -> [String] {
        let listed = try await Program.run("/usr/bin/ssh-add", ["-L"], environment: ["SSH_AUTH_SOCK": socket])
        return listed.status == 0 ? listed.output.split(separator: "\n").map(String.init) : []
    }
}
