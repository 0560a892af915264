import Glibc
import Posix

/// Puts `pam_reeve.so` into the PAM stacks of sudo and sshd, and takes it out again: one marked block in each file, and one
/// file of sudo's rules.
///
/// Only members of the groups that are named are asked for a certificate. Whoever is in none of them, root above all,
/// passes the block by, so that somebody can always mend this host.
package struct SudoInstaller: Sendable {
    package struct Places: Hashable, Sendable {
        package var stacks = "/etc/pam.d"
        package var rules = "/etc/sudoers.d/zz-keyreeve"
        package var visudo = "/usr/sbin/visudo"
        /// Path of pam_reeve.so; nil: where `make install` puts it.
        package var module: String?
        package init() {}
    }

    package struct Status: Hashable, Sendable {
        /// The stacks that ask, by their path.
        package let stacks: [String: Bool]
        package let hasRules: Bool
        /// Those of the block in sudo's stack.
        package let groups: [String]
        package let isAnswering: Bool

        package var isWhole: Bool { stacks.values.allSatisfy(\.self) && hasRules && isAnswering }
    }

    private let settings: AgentSettings
    private let places: Places

    package init(_ settings: AgentSettings, _ places: Places = Places()) {
        self.settings = settings
        self.places = places
    }

    /// The first must be there, the second is taken where it is.
    private static let sudoStacks = ["sudo", "sudo-i"]

    /// From now on, members of these groups need a certificate that counts. What asks comes last, so that an end at any
    /// moment locks nobody out; a second call finishes it.
    ///
    /// - Throws: ``Fault`` `sudo-group`, `sudo-module`, `sudo-agent`, `sudo-pam`, `sudo-rules`, `file`; nothing is changed
    ///   by the first four.
    package func enable(groups: [String]) throws(Fault) {
        for group in groups { try SudoGroup.check(group) }
        guard !groups.isEmpty else { throw Fault("sudo-group", "name at least one group") }
        let module = try line(PAMModuleFile.path(places.module))
        guard ModuleProbe.isAnswering(settings.pamSocket) else {
            throw Fault(
                "sudo-agent",
                "no agent answers on \(settings.pamSocket): start `reeve-agent run` first, or sudo would be refused"
            )
        }
        guard try SSHD(settings).effective().values("usepam") == ["yes"] else {
            throw Fault("sudo-pam", "sshd does not use PAM: set `UsePAM yes`, else no login is known")
        }
        try checkRules()
        // First, before a module that reads files of the user's; and last, when the login has all its marks.
        let bind = ["session optional \(module)"]
        try rewrite("sshd") { $0.with(first: bind, last: bind) }
        try installRules(SudoRules.text(for: groups))
        for name in try presentSudoStacks().reversed() {
            try rewrite(name) { $0.with(first: sudoLines(groups, module)) }
        }
    }

    /// As before. What asks goes first.
    package func disable() throws(Fault) {
        for name in try presentSudoStacks() + ["sshd"] {
            try rewrite(name) { $0.with() }
        }
        do throws(PosixError) {
            if let bytes = try DurableFile(places.rules).readIfPresent(limit: 65_536) {
                guard SudoRules.areOurs(bytes) else {
                    throw PosixError("read", path: places.rules, code: EEXIST)
                }
                try DurableFile(places.rules).remove()
            }
        } catch {
            throw Fault("file", "\(error)")
        }
    }

    package func status() throws(Fault) -> Status {
        var stacks: [String: Bool] = [:]
        var groups: [String] = []
        for name in try presentSudoStacks() + ["sshd"] {
            let ours = try load(name)?.ours ?? []
            stacks[path(name)] = !ours.isEmpty
            guard Self.sudoStacks.contains(name),
                let line = ours.first(where: { $0.contains("notingroup") })
            else { continue }
            groups = line.split(separator: " ").last?.split(separator: ":").map(String.init) ?? []
        }
        let rules = (try? DurableFile(places.rules).readIfPresent(limit: 65_536)) ?? nil
        return Status(
            stacks: stacks, hasRules: rules.map(SudoRules.areOurs) ?? false, groups: groups,
            isAnswering: ModuleProbe.isAnswering(settings.pamSocket))
    }

    private func line(_ module: String) -> String {
        settings.pamSocket == AgentSettings.standardSocket(AgentSettings.standardData)
            ? module : "\(module) socket=\(settings.pamSocket)"
    }

    /// Whoever is in none of the groups goes on with the next module; who is, with nothing else.
    private func sudoLines(_ groups: [String], _ module: String) -> [String] {
        let outside = "[success=1 default=ignore] pam_succeed_if.so quiet user notingroup"
        let list = groups.joined(separator: ":")
        return [
            "auth \(outside) \(list)", "auth [success=done default=die] \(module)",
            "account \(outside) \(list)", "account [success=ok default=die] \(module)",
        ]
    }

    /// What is wrong before we come is not ours to judge by, nor to hide.
    private func checkRules() throws(Fault) {
        let outcome: Subprocess.Outcome
        do { outcome = try Subprocess.run(places.visudo, ["-q", "-c"]) } catch {
            throw Fault("sudo-rules", "\(error)")
        }
        guard outcome.status == 0 else {
            throw Fault(
                "sudo-rules", "visudo -c finds faults in sudo's rules; mend them first: \(outcome.complaint)")
        }
    }

    private func installRules(_ text: String) throws(Fault) {
        let file = DurableFile(places.rules)
        do throws(PosixError) {
            let before = try file.readIfPresent(limit: 65_536)
            guard before.map(SudoRules.areOurs) ?? true else {
                throw PosixError("write", path: places.rules, code: EEXIST)
            }
            let candidate = DurableFile(settings.folder.path + "/candidate.sudoers")
            try candidate.write(Array(text.utf8), mode: 0o440)
            let outcome = try Subprocess.run(places.visudo, ["-q", "-c", "-f", candidate.path])
            try candidate.remove()
            if outcome.status == 0 { try file.write(Array(text.utf8), mode: 0o440) }
            let all = try outcome.status == 0 ? Subprocess.run(places.visudo, ["-c"]) : outcome
            guard all.status != 0 else { return }
            if let before { try file.write(before, mode: 0o440) } else { try file.remove() }
            throw PosixError("visudo: \(all.complaint)", path: places.rules, code: EINVAL)
        } catch {
            throw Fault("sudo-rules", "\(error)")
        }
    }

    private func path(_ name: String) -> String { places.stacks + "/" + name }

    private func presentSudoStacks() throws(Fault) -> [String] {
        let present = Self.sudoStacks.filter { FileTree.exists(path($0)) }
        guard present.first == Self.sudoStacks.first else {
            throw Fault("sudo-pam", "there is no \(path("sudo")): is sudo installed, and does it use PAM?")
        }
        return present
    }

    private func load(_ name: String) throws(Fault) -> StackFile? {
        let bytes: [UInt8]?
        do { bytes = try DurableFile(path(name)).readIfPresent(limit: 262_144) } catch {
            throw Fault("file", "\(error)")
        }
        return try bytes.map { bytes throws(Fault) in try StackFile(bytes, path(name)) }
    }

    private func rewrite(_ name: String, _ change: (StackFile) -> [UInt8]) throws(Fault) {
        guard let stack = try load(name) else {
            throw Fault("sudo-pam", "there is no \(path(name))")
        }
        let wanted = change(stack)
        guard wanted != stack.bytes else { return }
        do { try DurableFile(path(name)).write(wanted, mode: 0o644) } catch {
            throw Fault("file", "\(error)")
        }
    }
}
