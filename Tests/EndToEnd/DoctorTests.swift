import Foundation
import Posix
import TestKit
import Testing

@Suite(.servers) struct `The doctor` {
    private struct Report: Decodable {
        struct Finding: Decodable {
            let code: String
            let severity: String
            let text: String
            let advice: String?
        }
        let healthy: Bool
        let findings: [Finding]

        func severity(_ code: String) -> String? { findings.first { $0.code == code }?.severity }
    }

    private func examine(
        _ house: Installation, _ arguments: [String] = []
    ) async throws -> (status: Int32, report: Report) {
        let user = ProcessHardening.isRoot ? ["--user", "nobody"] : []
        let ending = try await Program.run(
            "reeved", ["doctor", "--json", "--data", house.data] + arguments + user)
        guard let report = try? JSONDecoder().decode(Report.self, from: Data(ending.output.utf8)) else {
            throw Failure("doctor: \(ending.output)\(ending.errors)")
        }
        return (ending.status, report)
    }

    @Test(arguments: Engine.allCases)
    func `finds nothing wrong beside a server at work, and harms nothing`(_ engine: Engine) async throws {
        let database = try await engine.database()
        let house = try await Installation(database: database)
        try await house.enrolAdmin()
        let named = database.map { ["--database", $0] } ?? []
        for _ in 0..<3 {
            let (status, report) = try await examine(house, named)
            let failures = report.findings.filter { $0.severity == "failure" }
            #expect(failures.isEmpty, "\(failures)")
            #expect(status == 0)
            #expect(report.healthy)
            for code in ["clock", "permissions", "disk", "durability", "tls-root", "signer", "ledger"] {
                #expect(report.severity(code) == "good", "\(code)")
            }
            #expect(report.severity("signer-boundary") == "warning")
        }
        #expect(try await house.reeve("whoami").status == 0)
        #expect(try await house.reeve("host", "add", "after.example.com", "--link-only").status == 0)
    }

    @Test func `reads back what a server would get when none runs`() async throws {
        let house = try await Installation()
        try await house.stopServer()
        let (status, report) = try await examine(house)
        #expect(status == 0)
        let durability = try #require(report.findings.first { $0.code == "durability" })
        #expect(durability.text == "journal_mode = wal, synchronous = full")
        try await house.start()
    }

    @Test func `names each thing that is wrong by its code, and ends with 1`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let wish = try house.scratch.write("[limits]\nleast_free_mib = 1048576\n", to: "full.toml")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: wish)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: "\(house.data)/sealing.key")
        let (status, report) = try await examine(house, ["--config", wish])
        #expect(status == 1)
        #expect(!report.healthy)
        #expect(report.severity("permissions") == "failure")
        #expect(report.severity("disk-full") == "failure")
        #expect(report.findings.allSatisfy { $0.severity == "good" || $0.advice != nil })
        let text = report.findings.map { $0.text + ($0.advice ?? "") }.joined()
        #expect(text.contains("sealing.key has mode 0644"))
    }

    /// What a start says must be what the doctor says, of each file for which it is refused.
    @Test func `S12 sees each key for which a server would not start, and changes nothing`() async throws {
        let house = try await Installation()
        try await house.stopServer()
        #expect(try await examine(house).status == 0)
        let losses: [(file: String, left: Data?, code: String, start: String)] = [
            ("sealing.key", nil, "key-missing", "sealing.key is gone"),
            ("sealing.key", Data(repeating: 7, count: 32), "sealing-key", "is not the key that sealed"),
            ("sealing.key", Data(repeating: 7, count: 31), "sealing-key", "is not 32 bytes"),
            ("origin", nil, "key-missing", "origin is gone"),
            ("origin", Data("other.example.com\n".utf8), "origin", "says other.example.com"),
            ("signer/signer.keys", nil, "key-missing", "signer.keys is gone"),
            ("signer/signer.key", nil, "key-missing", "signer.key is gone"),
            ("signer/signer.key", Data(repeating: 7, count: 32), "signer-files", "another key file"),
            ("signer/signer.checkpoint", nil, "signer-files", "signer.checkpoint: this file is gone"),
            ("signer/signer.hosts", nil, "signer-files", "signer.hosts: this file is gone"),
            ("signer/signer.keys", Data("rubbish".utf8), "signer-files", "signer.keys: damaged"),
        ]
        for loss in losses {
            let path = "\(house.data)/\(loss.file)"
            let aside = house.scratch.path("aside")
            let kept = try await Program.run("/usr/bin/cp", ["-a", path, aside])
            #expect(kept.status == 0, "\(kept)")
            if let left = loss.left {
                try overwrite(path, with: left)
            } else {
                try FileManager.default.removeItem(atPath: path)
            }
            let (status, report) = try await examine(house)
            #expect(status == 1, "\(loss.file)")
            let finding = report.findings.first { $0.severity == "failure" && $0.code == loss.code }
            #expect(finding?.text.contains(loss.start) == true, "\(loss.file): \(report.findings)")
            #expect(finding?.advice?.isEmpty == false)
            #expect(report.severity("signer") == nil)
            #expect(FileManager.default.contents(atPath: path) == loss.left)
            let back = try await Program.run("/usr/bin/cp", ["-a", "-T", aside, path])
            #expect(back.status == 0, "\(back)")
        }
        #expect(try await examine(house).status == 0)
        try await house.start()
        try FileManager.default.removeItem(atPath: "\(house.data)/signer/signer.keys")
        #expect(try await examine(house).report.severity("key-missing") == "failure")
    }

    /// Writes into the same file, which keeps its owner and mode.
    private func overwrite(_ path: String, with bytes: Data) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: bytes)
        try file.close()
    }

    @Test func `sees a database that is older than what the signer signed`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        try await house.stopServer()
        let old = house.scratch.path("old")
        try FileManager.default.copyItem(atPath: "\(house.data)/keyreeve.db", toPath: old)
        try await house.start()
        #expect(try await house.reeve("host", "add", "late.example.com", "--link-only").status == 0)
        #expect(try await house.reeve("audit", "witness").status == 0)
        try await house.stopServer()
        for suffix in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: "\(house.data)/keyreeve.db\(suffix)")
        }
        let file = try #require(FileHandle(forUpdatingAtPath: "\(house.data)/keyreeve.db"))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: try #require(FileManager.default.contents(atPath: old)))
        try file.close()
        let signer = try await SignerRunning(house)
        defer { signer.end() }
        let (status, report) = try await examine(house)
        #expect(status == 1)
        #expect(report.severity("ledger-behind-signer") == "failure", "\(report.findings)")
    }
}

/// The embedded signer alone, as the server would start it.
private final class SignerRunning {
    private let program: SpawnedProgram

    init(_ house: Installation) async throws {
        let folder = "\(house.data)/signer"
        var arguments = ["serve", "--data", folder, "--key-file", "\(folder)/signer.key"]
        arguments += ["--socket", "\(folder)/signer.sock"]
        if ProcessHardening.isRoot { arguments += ["--user", "nobody"] }
        // The server's own ends with it, and may still be about to.
        try await until("the server's signer is gone") { !Self.listens(folder) }
        program = try SpawnedProgram(
            Program.path("reeve-signer"), arguments, output: house.scratch.path("signer.log"),
            errors: house.scratch.path("signer.log"))
        try await until("the signer listens") { Self.listens(folder) }
    }

    private static func listens(_ folder: String) -> Bool {
        (try? UnixConnection.connect("\(folder)/signer.sock")) != nil
    }

    func end() { ChildProcess(adopting: program.pid).send(signal: 9) }
}
