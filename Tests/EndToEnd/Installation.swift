import AuthorityAPI
import AuthorityClient
import Foundation
import Names
import Posix
import SSHFormats
import TestKit

/// A real `reeved` with its signer on a folder of its own, and `reeve` as its first admin.
final class Installation: Sendable {
    let scratch = Scratch()
    let port: Int
    /// Address of a PostgreSQL database; nil means SQLite.
    let database: String?
    private let running = Running()
    /// What every start is given besides.
    private let further: [String]
    /// Variables that the server alone is started with.
    private let variables: [String: String]

    var data: String { scratch.path("data") }
    var home: String { scratch.path("admin") }
    var url: String { "https://localhost:\(port)" }

    /// Starts and waits until it serves.
    init(database: String? = nil, variables: [String: String] = [:]) async throws {
        self.database = database
        self.variables = variables
        further = []
        port = try FreePort.find()
        try await start()
    }

    /// One with this configuration file.
    ///
    /// - Parameter port: One that is free and that others know already.
    init(configuration: String, port known: Int? = nil) async throws {
        database = nil
        variables = [:]
        port = try known ?? FreePort.find()
        let file = try scratch.write(configuration, to: "reeved.toml")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        further = ["--config", file]
        try await start()
    }

    /// The server of a signer that was started before.
    convenience init(signer: SignerOfItsOwn) async throws {
        try await self.init(configuration: "[signer]\nsocket = \"\(signer.socket)\"\n")
    }

    /// A second node on the database of another, set up as Docs/CLUSTER.md says.
    init(beside first: Installation) async throws {
        database = first.database
        variables = [:]
        further = first.further
        port = try FreePort.find()
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(first.data)/signer")
            .filter { !$0.hasPrefix(".") && $0 != "signer.sock" }.map { "signer/\($0)" }
        try FileManager.default.createDirectory(
            atPath: "\(data)/signer", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: data)
        // Each is read through one descriptor: the first node replaces some while it works, and cp does not bear that.
        for file in files + ["sealing.key", "origin", "tls-root.pem"] {
            let isThere = FileManager.default.createFile(
                atPath: "\(data)/\(file)", contents: try contents("\(first.data)/\(file)"),
                attributes: [.posixPermissions: 0o600])
            guard isThere else { throw Failure("\(file): not copied") }
        }
        let owned = try await Program.run("/usr/bin/chown", ["-R", "--reference=\(first.data)", data])
        guard owned.status == 0 else { throw Failure("chown: \(owned.errors)") }
        try await start()
    }

    /// Another server on all that a stopped one has, its signer's files included: what nobody should do.
    init(copyOf first: Installation) async throws {
        database = nil
        variables = [:]
        further = first.further
        port = try FreePort.find()
        let copied = try await Program.run("/usr/bin/cp", ["-a", first.data, data])
        guard copied.status == 0 else { throw Failure("cp: \(copied.errors)") }
        try? FileManager.default.removeItem(atPath: "\(data)/signer/signer.sock")
        try await start()
    }

    /// The same admin on this node: a copy of a state folder of `reeve`, with this node's address in it.
    func adopt(_ home: String, from other: Installation) async throws {
        let copied = try await Program.run("/usr/bin/cp", ["-a", home, self.home])
        guard copied.status == 0 else { throw Failure("cp: \(copied.errors)") }
        let device = String(decoding: try contents("\(self.home)/device.json"), as: UTF8.self)
        let here = device.replacing(":\(other.port)", with: ":\(port)")
        try Data(here.utf8).write(to: URL(fileURLWithPath: "\(self.home)/device.json"))
    }

    deinit { running.kill() }

    var serverPID: Int32 { running.pid }
    var isRunning: Bool { running.isRunning }

    /// The signer that the server started; nil between two of them.
    var signerPID: Int32? {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(serverPID)/task")) ?? []
        return tasks.lazy.compactMap { task -> Int32? in
            let text = try? String(
                contentsOfFile: "/proc/\(self.serverPID)/task/\(task)/children", encoding: .utf8)
            return text?.split(separator: " ").first.flatMap { Int32($0) }
        }.first
    }

    /// The same where the log does not tell: asks until it answers.
    func startQuietly(_ more: [String]) async throws {
        try launch(more)
        try await until("reeved answers") {
            try await Program.run("/usr/bin/curl", ["-skf", "\(self.url)/livez"]).status == 0
        }
    }

    private func launch(_ more: [String]) throws {
        var arguments = ["serve", "--data", data, "--listen", "127.0.0.1:\(port)", "--admin", "boss"]
        arguments += further + more
        if ProcessHardening.isRoot { arguments += ["--user", "nobody"] }
        if let database { arguments += ["--database", database] }
        try running.start(
            Program.path("reeved"), arguments, environment: variables, log: scratch.path("log"))
    }

    /// Starts the server on its folder; returns when it answers.
    func start(_ more: [String] = []) async throws {
        try launch(more)
        let log = scratch.path("log")
        try await until("reeved serves") {
            let text = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
            return text.components(separatedBy: "\"message\":\"serving\"").count - 1 > self.running.starts
        }
    }

    /// Runs `reeved` with these arguments on the folder, to its end.
    func reeved(_ arguments: String...) async throws -> Program.Ending {
        let user = ProcessHardening.isRoot ? ["--user", "nobody"] : []
        return try await Program.run("reeved", arguments + ["--data", data] + user)
    }

    /// A start that is expected to fail.
    func startInVain(_ arguments: [String] = []) async throws -> Program.Ending {
        let user = ProcessHardening.isRoot ? ["--user", "nobody"] : []
        return try await Program.run(
            "reeved", ["serve", "--data", data, "--listen", "127.0.0.1:\(port)"] + arguments + user)
    }

    /// SIGTERM, then waits until it is gone.
    func stopServer() async throws {
        kill(serverPID, SIGTERM)
        try await until("reeved has ended") { !self.running.isRunning }
    }

    /// Exit status of the server that was stopped; for one caller.
    func ending() async -> Int32 { await running.ended() }

    /// What `/readyz` says.
    func readiness() async throws -> (status: String, body: String) {
        let body = scratch.path("readyz-\(UUID().uuidString)")
        let curl = try await Program.run(
            "/usr/bin/curl", ["-sk", "-o", body, "-w", "%{http_code}", "\(url)/readyz"])
        return (
            curl.output, String(decoding: FileManager.default.contents(atPath: body) ?? Data(), as: UTF8.self)
        )
    }

    /// The root that devices pin.
    func rootPEM() throws -> String {
        String(decoding: try contents("\(data)/tls-root.pem"), as: UTF8.self)
    }

    /// SIGKILL, then waits until it is gone.
    func killServer() async throws {
        let pid = serverPID
        kill(pid, SIGKILL)
        try await until("reeved is gone") { !self.running.isRunning }
    }

    @discardableResult
    func reeve(_ arguments: String..., home: String? = nil) async throws -> Program.Ending {
        try await reeve(arguments, home: home)
    }

    /// - Parameter agent: The socket of an ssh-agent.
    func reeve(
        _ arguments: [String], home: String? = nil, input: String = "", agent: String = "",
        environment: [String: String] = [:]
    ) async throws -> Program.Ending {
        try await Program.run(
            "reeve", arguments,
            environment: ["REEVE_HOME": home ?? self.home, "SSH_AUTH_SOCK": agent].merging(environment) {
                $1
            },
            input: input)
    }

    /// The first admin, enrolled and signed in.
    func enrolAdmin() async throws {
        try await enrol("boss", link: "\(data)/first-admin-link", home: home)
    }

    /// A person's first device, signed in.
    func enrol(_ name: String, link: String, home: String) async throws {
        let answers = try scratch.write(
            "password=correct horse \(name) staple\ntotp=auto\n", to: "\(name).answers")
        let ending = try await reeve(
            "enrol", "--link-file", link, "--device", "test", "--answers-file", answers, "--totp-secret-file",
            scratch.path("\(name).totp"), home: home)
        guard ending.status == 0 else { throw Failure("enrol \(name): \(ending.errors)") }
    }

    /// Speaks for the device and the session in a state folder of `reeve`.
    func connection(home: String? = nil) throws -> AuthorityConnection {
        let home = home ?? self.home
        let device = try JSONDecoder().decode(Device.self, from: try contents("\(home)/device.json"))
        let session = try JSONDecoder().decode(SessionFile.self, from: try contents("\(home)/session.json"))
        let key = try DPoPKey(rawRepresentation: Array(try contents("\(home)/device.key")))
        return try AuthorityConnection(
            servers: try device.servers.map { try ServerAddress($0) }, trust: .root(pem: device.rootPEM),
            key: key, token: Secret(session.token))
    }

    private func contents(_ path: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: path) else { throw Failure("no \(path)") }
        return data
    }

    private struct Device: Decodable {
        let servers: [String]
        let rootPEM: String
    }

    private struct SessionFile: Decodable { let token: String }
}

struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Waits for something that another process does; polls, and gives up after two minutes. Looks once more after that: on a busy
/// machine this task itself may have waited as long for a thread.
func until(_ what: String, _ condition: @escaping () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(120)
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw Failure("gave up waiting: \(what)") }
        try await ContinuousClock().sleep(for: .milliseconds(10))  // polls: another process tells nobody
    }
}
