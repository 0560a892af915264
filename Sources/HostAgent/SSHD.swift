import Glibc
import Posix

/// The sshd of this host, as far as it answers questions about its configuration.
package struct SSHD: Sendable {
    private let program: String
    private let configuration: String
    private let reloadCommand: [String]
    private let due: DurableFile

    package init(_ settings: AgentSettings) {
        program = settings.sshd
        configuration = settings.sshdConfig
        reloadCommand = settings.reload
        due = DurableFile(settings.folder.reloadDue)
    }

    /// Checks configuration and keys: `sshd -t`.
    ///
    /// - Throws: ``Fault`` `sshd-test`, with sshd's complaint.
    package func test() throws(Fault) { _ = try run("-t") }

    /// What is in force for a connection that no Match block catches: `sshd -T`.
    package func effective() throws(Fault) -> EffectiveConfiguration {
        EffectiveConfiguration(try run("-T").outputText)
    }

    /// What is in force for one connection, Match blocks included: `sshd -T -C`.
    ///
    /// - Throws: ``Fault`` `sshd-test`, `sshd-run`.
    package func effective(for connection: TestedConnection) throws(Fault) -> EffectiveConfiguration {
        EffectiveConfiguration(try run("-T", ["-C", connection.specification]).outputText)
    }

    /// Which OpenSSH it is: `9.2`; nil where it does not say.
    package func version() -> String? {
        guard let outcome = try? Subprocess.run(program, ["-V"]) else { return nil }
        let text = outcome.outputText + String(decoding: outcome.errors, as: UTF8.self)
        guard let start = text.firstRange(of: "OpenSSH_") else { return nil }
        let version = text[start.upperBound...].prefix { $0.isNumber || $0 == "." }
        return version.isEmpty ? nil : String(version)
    }

    /// Tells sshd of what changed since it was last told, once it is sure that sshd would survive it.
    ///
    /// - Throws: ``Fault`` `sshd-test`, `sshd-reload`; then it stays due.
    package func reloadIfDue() throws(Fault) {
        guard FileTree.exists(due.path) else { return }
        try test()
        try reload()
        do { try due.remove() } catch { throw Fault("file", "\(error)") }
    }

    /// Makes a running sshd read its configuration again. sshd that does not run needs nothing.
    ///
    /// - Throws: ``Fault`` `sshd-reload`.
    private func reload() throws(Fault) {
        if let command = reloadCommand.first {
            let outcome = try outcome(command, Array(reloadCommand.dropFirst()))
            guard outcome.status == 0 else {
                throw Fault("sshd-reload", "\(command) ended with \(outcome.status): \(outcome.complaint)")
            }
            return
        }
        guard let pid = try runningProcess() else { return }
        guard kill(pid, SIGHUP) == 0 else {
            throw Fault("sshd-reload", "\(PosixError("kill", code: errno)) (process \(pid))")
        }
    }

    /// The process in sshd's PidFile, if that is an sshd.
    func runningProcess() throws(Fault) -> pid_t? {
        guard let path = try effective().values("pidfile").first, path != "none",
            let bytes = try? DurableFile(path).read(limit: 64),
            let pid = pid_t(String(decoding: bytes.filter { (0x30...0x39).contains($0) }, as: UTF8.self)),
            pid > 1,
            let name = try? DurableFile("/proc/\(pid)/comm").read(limit: 64),
            name.starts(with: Array("sshd".utf8))
        else { return nil }
        return pid
    }

    private func run(_ flag: String, _ more: [String] = []) throws(Fault) -> Subprocess.Outcome {
        let outcome = try outcome(program, [flag, "-f", configuration] + more)
        guard outcome.status == 0 else {
            throw Fault("sshd-test", "\(program) \(flag): \(outcome.complaint)")
        }
        return outcome
    }

    private func outcome(_ program: String, _ arguments: [String]) throws(Fault) -> Subprocess.Outcome {
        do { return try Subprocess.run(program, arguments) } catch { throw Fault("sshd-run", "\(error)") }
    }
}

/// The output of `sshd -T`: keywords in lower case, each with its values in order.
package struct EffectiveConfiguration: Hashable, Sendable {
    private let lines: [String: [String]]

    package init(_ text: String) {
        var lines: [String: [String]] = [:]
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
            guard let keyword = words.first, let value = words.dropFirst().first else { continue }
            lines[String(decoding: keyword, as: UTF8.self), default: []].append(
                String(decoding: value, as: UTF8.self))
        }
        self.lines = lines
    }

    package func values(_ keyword: String) -> [String] { lines[keyword.lowercased()] ?? [] }
    /// The one value; empty where there is none.
    package func value(_ keyword: String) -> String { values(keyword).first ?? "" }
}

/// A connection that may come: what Match blocks ask about.
package struct TestedConnection: Hashable, Sendable {
    package let user: String
    package let address: String
    package let localPort: String

    /// For `-C`. No part has a comma in it.
    var specification: String {
        "user=\(user),host=\(address),addr=\(address),laddr=127.0.0.1,lport=\(localPort),rdomain="
    }
}
