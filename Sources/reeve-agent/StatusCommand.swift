import ArgumentParser
import HostAgent

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows what is in force on this host, and what is wrong.")

    @OptionGroup var place: PlaceOptions
    @Flag(help: "As JSON.") var json = false

    func run() async throws {
        let status = AgentStatus(of: place.settings, at: currentTime())
        print(json ? String(decoding: status.json, as: UTF8.self) : status.text, terminator: "")
        guard status.faults.isEmpty else { throw Exit.refused }
    }
}

extension AgentStatus {
    /// For people.
    var text: String {
        var lines = ["host         \(host ?? "not enrolled")"]
        if let server { lines.append("authority    \(server)") }
        if let state {
            lines.append(
                "state        version \(state.version), epoch \(state.epoch), until \(state.notAfter)")
            lines.append("labels       \(state.labels.joined(separator: " "))")
            lines += state.userCAKeys.map { "user CA      \($0)" }
            lines.append("revoked      \(state.krlEntries)")
        }
        for one in certificates {
            lines.append("certificate  \(one.file) until \(one.validBefore), renewed from \(one.renewAt)")
        }
        lines.append("drop-in      \(dropIn) \(dropInEffective ? "in force" : "NOT in force")")
        lines.append("last contact \(lastContact.map { "\($0)" } ?? "never")")
        lines += faults.map { "FAULT        \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }
}

struct UninstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninstall", abstract: "Takes the drop-in away, if sshd still starts without it.")

    @OptionGroup var place: PlaceOptions

    func run() async throws {
        let settings = place.settings
        try await Exit.wrap { () async throws(Fault) in
            let post = try AgentPost(settings.folder)
            defer { withExtendedLifetime(post) {} }
            _ = try DropInInstaller(settings).uninstall()
            try SSHD(settings).reloadIfDue()
        }
        print("\(settings.dropIn) is gone; \(settings.data) is kept")
    }
}
