import Foundation
import Posix
import TestKit
import Testing

/// What `reeve doctor` and `reeve-agent doctor` print with `--json`.
private struct DoctorReport: Decodable {
    struct Finding: Decodable {
        let code: String
        let severity: String
        let text: String
        let advice: String?
        let command: String?
    }
    let healthy: Bool
    let findings: [Finding]

    init(_ ending: Program.Ending) throws {
        guard let report = try? JSONDecoder().decode(Self.self, from: Data(ending.output.utf8)) else {
            throw Failure("doctor: \(ending.output)\(ending.errors)")
        }
        self = report
    }

    var wrong: [String] { findings.filter { ["warning", "failure"].contains($0.severity) }.map(\.code) }
    func first(_ code: String) -> Finding? { findings.first { $0.code == code } }
}

@Suite(.servers, .enabled(if: ProcessHardening.isRoot)) struct `The doctors of machines` {
    private static let grant = "{name: staging, who: [boss], to: [label:env=staging], as: [root], for: 9m}"

    @Test(.timeLimit(.minutes(20)))
    func `find nothing wrong where people log in, name what is, and sshd's log is explained`() async throws {
        let house = try await Installation()
        let plain = try await PlainSSH(house, grants: [Self.grant])
        #expect(try await plain.ssh(["root@web1.example.com", "true"]).status == 0)
        try await expectHost(plain)
        try await expectClient(plain)
        try await expectAgents(plain)
        try await expectExplained(plain)
    }

    private func expectHost(_ plain: PlainSSH) async throws {
        let host = plain.host
        try await until("the first round is over") {
            FileManager.default.fileExists(atPath: "\(host.folder)/agent/status.json")
        }
        let right = try await host.agent("doctor", ["--json"])
        let report = try DoctorReport(right)
        #expect(right.status == 0 && report.healthy, "\(report.wrong)")
        for code in ["clock", "agent", "connected", "state", "krl", "drop-in", "sshd", "authorized-keys"] {
            #expect(report.first(code)?.severity == "good", "\(code)")
        }
        // N09: another clock is told as such, whatever else it brings about.
        // A server that was made just now has a certificate that does not count ten minutes ago.
        for (clock, words) in [("+600", "ahead of"), ("-600", "counts from")] {
            let wrong = try await host.agent("doctor", ["--json"], clock: clock)
            let finding = try #require(try DoctorReport(wrong).first("clock-wrong"), "\(clock)")
            #expect(wrong.status == 1 && finding.text.contains(words), "\(finding.text)")
            #expect(finding.command == "timedatectl set-ntp true")
        }
        // The one that runs would soon say again what time it is.
        await host.stopAgent()
        // The authority knows it as well, and issues nothing that the host would refuse.
        let asked = ["explain", "--to", "web1.example.com", "--as", "root"]
        _ = try await host.agent("sync", clock: "+600")
        let why = try await plain.house.reeve(asked)
        #expect(why.status == 1 && why.output.contains("host-clock-wrong"), "\(why.output)")
        #expect(why.output.contains("the clock of web1.example.com is"))
        let other = plain.house.scratch.path("other")
        let made = try await Program.run(
            "/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", other])
        #expect(made.status == 0, "\(made.errors)")
        let refused = try await plain.house.reeve([
            "cert", "--to", "web1.example.com", "--as", "root", "-k", "\(other).pub", "-o", "-",
        ])
        #expect(refused.status == 1 && refused.errors.contains("s ahead"), "\(refused.errors)")
        #expect(try await host.agent("sync").status == 0)
        #expect(try await plain.house.reeve(asked).status == 0)
        #expect(try await plain.ssh(["root@web1.example.com", "true"]).status == 0)
        let lines = try await host.agent("doctor")
        #expect(lines.output.contains("good\tclock\t"))
    }

    private func doctor(
        _ plain: PlainSSH, _ arguments: [String] = [], agent: String = "", config: String? = nil
    ) async throws -> (Int32, DoctorReport) {
        let ending = try await plain.house.reeve(
            ["doctor", "--json", "--ssh-config", config ?? plain.config] + arguments, agent: agent)
        return (ending.status, try DoctorReport(ending))
    }

    private func expectClient(_ plain: PlainSSH) async throws {
        let house = plain.house
        let (status, report) = try await doctor(plain, ["web1.example.com"])
        #expect(status == 0 && report.healthy, "\(report.wrong)")
        for code in [
            "device", "session", "session-accepted", "server", "tls-root", "clock", "certificate",
            "ssh-config", "ssh",
            "ssh-folder", "state-folder",
        ] {
            #expect(report.first(code)?.severity == "good", "\(code)")
        }
        #expect(try await doctor(plain, ["other.example.com"]).1.wrong == ["host-unknown"])

        // What stands before our block wins, and is named with its line.
        let main = try String(contentsOfFile: plain.config, encoding: .utf8)
        func config(_ before: String, _ after: String = "") throws -> String {
            try house.scratch.write(before + main + after, to: "other-config")
        }
        for (line, code) in [
            ("StrictHostKeyChecking no", "ssh-config-overridden"),
            ("HostKeyAlias x", "ssh-config-overridden"),
            ("PubkeyAuthentication no", "ssh-config-overridden"),
            ("IdentitiesOnly no", "ssh-config-overridden"),
            ("RevokedHostKeys none", "ssh-config-overridden"),
            ("PreferredAuthentications password", "ssh-config-overridden"),
        ] {
            let (status, report) = try await doctor(
                plain, config: try config("Host *\n  \(line)\nMatch all\n"))
            let finding = try #require(report.first(code), "\(line): \(report.wrong)")
            #expect(status == 1 && finding.command?.contains("+2 ") == true, "\(finding)")
        }
        let master = try await doctor(
            plain, config: try config("ControlMaster auto\nControlPath /tmp/x-%C\n"))
        #expect(master.0 == 0 && master.1.first("control-master")?.severity == "note")

        // Below a Host line our block counts for that host alone; the command mends it.
        let late = try config("Host elsewhere\n")
        let found = try #require(try await doctor(plain, config: late).1.first("ssh-config-late"))
        #expect(try await Program.run("/bin/sh", ["-c", try #require(found.command)]).status == 0)
        #expect(try await doctor(plain, config: late).0 == 0)
        let none = try house.scratch.write("Host *\n", to: "no-config")
        let missing = try #require(try await doctor(plain, config: none).1.first("ssh-config-missing"))
        #expect(missing.command?.contains("reeve ssh-config --write") == true)

        // Files.
        let config644 = plain.config
        #expect(unsafe chmod(config644, 0o666) == 0)
        let loose = try #require(try await doctor(plain).1.first("ssh-folder"))
        #expect(try await Program.run("/bin/sh", ["-c", try #require(loose.command)]).status == 0)
        for name in ["known_hosts", "revoked_hosts", "device.key"] {
            #expect(unsafe chmod("\(house.home)/\(name)", 0o644) == 0)
            let finding = try #require(try await doctor(plain).1.first("permissions"))
            #expect(try await Program.run("/bin/sh", ["-c", try #require(finding.command)]).status == 0)
        }
        let known = "\(house.home)/known_hosts"
        let before = try Data(contentsOf: URL(fileURLWithPath: known))
        try Data().write(to: URL(fileURLWithPath: known))
        #expect(try await doctor(plain).1.wrong == ["known-hosts"])
        try before.write(to: URL(fileURLWithPath: known))
        #expect(try await doctor(plain).0 == 0)
    }

    private func expectAgents(_ plain: PlainSSH) async throws {
        let scratch = plain.house.scratch
        let socket = scratch.path("doctor-agent.sock")
        let agent = try SpawnedProgram(
            "/usr/bin/ssh-agent", ["-D", "-a", socket], output: scratch.path("a.log"),
            errors: scratch.path("a.log"))
        defer { kill(agent.pid, SIGKILL) }
        try await until("the agent listens") { FileManager.default.fileExists(atPath: socket) }
        let (status, report) = try await doctor(plain, agent: socket)
        #expect(status == 0, "\(report.wrong)")
        #expect(report.first("agent")?.text.contains("OpenSSH's ssh-agent") == true)
        #expect(report.first("agent-abilities")?.severity == "good")
        let left = try await Program.run("/usr/bin/ssh-add", ["-l"], environment: ["SSH_AUTH_SOCK": socket])
        #expect(left.output.contains("no identities"), "\(left.output)")
        let gone = try await doctor(plain, agent: scratch.path("nobody.sock"))
        #expect(gone.0 == 1 && gone.1.wrong == ["agent-gone"])

        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/gpg-agent") else { return }
        let home = scratch.path("gnupg")
        try FileManager.default.createDirectory(
            atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let started = try await Program.run(
            "/usr/bin/gpg-agent", ["--homedir", home, "--daemon", "--enable-ssh-support"])
        #expect(started.status == 0, "\(started.errors)")
        let gpg = try await doctor(plain, agent: "\(home)/S.gpg-agent.ssh").1
        _ = try await Program.run("/usr/bin/gpgconf", ["--homedir", home, "--kill", "gpg-agent"])
        #expect(gpg.wrong == ["agent-gpg"])
        let kept = try? FileManager.default.contentsOfDirectory(atPath: "\(home)/private-keys-v1.d")
        #expect((kept ?? []).isEmpty)
    }

    private func expectExplained(_ plain: PlainSSH) async throws {
        let (house, host) = (plain.house, plain.host)
        let serial = try #require(try plain.serials().last)
        let log = "\(host.folder)/sshd.log"
        let before = try String(contentsOfFile: log, encoding: .utf8).utf8.count
        #expect(try await house.reeve("revoke", "--serial", serial, "--reason", "lost").status == 0)
        func new() throws -> String {
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: log)).dropFirst(before), as: UTF8.self)
        }
        #expect(try await plain.host.agent("sync").status == 0)
        try await until("the host refuses it") {
            _ = try await house.reeve([
                "ssh", "-F", "/dev/null", "-p", "\(host.port)", "-o", "HostName=127.0.0.1", "-o",
                "BatchMode=yes", "root@web1.example.com", "true",
            ])
            return try new().contains("revoked by file")
        }
        let line = try #require(
            try new().split(whereSeparator: \.isNewline).first {
                $0.contains("revoked by file")
            })
        let one = try await house.reeve("explain", "--log", String(line))
        #expect(
            one.status == 0 && one.output.hasPrefix("certificate-revoked: "), "\(one.output)\(one.errors)")
        #expect(one.output.contains("next: "))

        // Several, from standard input, with the certificate that they name.
        let all = try await house.reeve(["explain", "--log", "-", "--json"], input: try new())
        struct Explained: Decodable {
            struct Reading: Decodable {
                let code: String
                let outcome: String
                let serial: UInt64?
            }
            let line: String
            let reading: Reading
            let certificate: [String]
        }
        let explained = try JSONDecoder().decode([Explained].self, from: Data(all.output.utf8))
        let unknown = explained.filter { $0.reading.outcome == "unknown" }
        #expect(all.status == 0 && unknown.isEmpty, "\(unknown)")
        let refused = try #require(explained.first { $0.reading.code == "certificate-refused" })
        #expect(refused.reading.serial == UInt64(serial))
        #expect(refused.certificate.contains("its CA is the authority's"), "\(refused.certificate)")
        let told = refused.certificate.first {
            $0.hasPrefix("the authority issued certificate \(serial) to ")
        }
        #expect(told?.contains("by grant staging") == true && told?.hasSuffix(", revoked") == true)

        for nonsense in ["Certificate invalid: maybe", "hello", "\u{1b}[2J"] {
            let ending = try await house.reeve("explain", "--log", nonsense)
            #expect(ending.status == 1 && ending.output.hasPrefix("unknown: "), "\(ending.output)")
        }
        let wrong = try await house.reeve("explain", "--log", "x", "--to", "web1.example.com")
        #expect(wrong.status == 2)
        #expect(try await house.reeve("explain", "--to", "web1.example.com").status == 2)
    }
}
