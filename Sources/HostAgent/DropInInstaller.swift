import Posix

/// Writes the drop-in and proves it, or puts back what was there.
package struct DropInInstaller: Sendable {
    package enum Change: Hashable, Sendable { case unchanged, replaced }

    private let settings: AgentSettings
    private let sshd: SSHD
    private var file: DurableFile { DurableFile(settings.dropIn) }
    private var journal: DurableFile { DurableFile(settings.folder.journal) }

    package init(_ settings: AgentSettings) {
        self.settings = settings
        sshd = SSHD(settings)
    }

    /// Installs it: every file that it names must exist, `sshd -t` must pass, and `sshd -T` must say the same as it does.
    /// On any failure the drop-in that was there before is there again.
    ///
    /// - Throws: ``Fault`` `drop-in-foreign`, `drop-in-file-missing`, `principals-missing`, `path-unsafe`,
    ///   `path-closed`, `sshd-test`, `drop-in-overridden`, `file`.
    package func install(_ dropIn: DropIn) throws(Fault) -> Change {
        try settle()
        let previous = try current()
        if let previous, !DropIn.isOurs(previous) {
            throw Fault("drop-in-foreign", "\(settings.dropIn) was not written by reeve-agent; move it away")
        }
        try checkFiles(of: dropIn)
        let wanted = Array(dropIn.text.utf8)
        if previous == wanted {
            try verify(dropIn)
            return .unchanged
        }
        try replace(previous, by: wanted)
        do throws(Fault) { try verify(dropIn) } catch {
            try settle()
            throw error
        }
        try forget()
        return .replaced
    }

    /// Removes it, unless sshd would not start without it.
    ///
    /// - Throws: ``Fault``, as ``install(_:)``.
    package func uninstall() throws(Fault) -> Change {
        try settle()
        guard let previous = try current() else { return .unchanged }
        guard DropIn.isOurs(previous) else {
            throw Fault("drop-in-foreign", "\(settings.dropIn) was not written by reeve-agent; it stays")
        }
        try replace(previous, by: nil)
        do throws(Fault) { try sshd.test() } catch {
            try settle()
            throw error
        }
        try forget()
        return .replaced
    }

    /// Says whether the drop-in is in force as it stands.
    ///
    /// - Throws: ``Fault`` `sshd-test`, `drop-in-overridden`.
    package func verify(_ dropIn: DropIn) throws(Fault) {
        try sshd.test()
        guard let difference = dropIn.firstDifference(from: try sshd.effective()) else { return }
        throw Fault("drop-in-overridden", reason(for: difference))
    }

    /// Match blocks that set one of our keywords: for those whom they catch, they beat the drop-in.
    package func exceptions(to dropIn: DropIn) -> [Fault] {
        let keywords = Set(dropIn.directives.map { $0.keyword.lowercased() })
        return SSHDFiles.settings(from: settings.sshdConfig)
            .filter { $0.conditional && keywords.contains($0.keyword) }
            .map { Fault("drop-in-match", "\($0.place) sets \($0.keyword) inside a Match block") }
    }

    /// Undoes a change that a crash left unproven.
    private func settle() throws(Fault) {
        do throws(PosixError) {
            guard let saved = try journal.readIfPresent(limit: 1_048_576) else { return }
            if saved.first == Self.present {
                try file.write(Array(saved.dropFirst()), mode: 0o644)
            } else {
                try file.remove()
            }
            try journal.remove()
        } catch {
            throw Fault("file", "\(error)")
        }
    }

    private static let present = UInt8(ascii: "+")
    private static let absent = UInt8(ascii: "-")

    private func replace(_ previous: [UInt8]?, by wanted: [UInt8]?) throws(Fault) {
        do throws(PosixError) {
            try journal.write(previous.map { [Self.present] + $0 } ?? [Self.absent], mode: 0o600)
            try DurableFile(settings.folder.reloadDue).write([])
            if let wanted { try file.write(wanted, mode: 0o644) } else { try file.remove() }
        } catch {
            try settle()
            throw Fault("file", "\(error)")
        }
    }

    private func forget() throws(Fault) {
        do { try journal.remove() } catch { throw Fault("file", "\(error)") }
    }

    private func current() throws(Fault) -> [UInt8]? {
        do { return try file.readIfPresent(limit: 1_048_576) } catch { throw Fault("file", "\(error)") }
    }

    /// A drop-in that names a missing KRL would lock everybody out; one with a replaceable command lets anybody in.
    private func checkFiles(of dropIn: DropIn) throws(Fault) {
        try PrincipalsProgram.check(settings.program)
        try SafePath.check(settings.data)
        for directive in dropIn.directives where directive.value.utf8.first == UInt8(ascii: "/") {
            let path = directive.value.utf8.prefix { $0 != UInt8(ascii: " ") }
            guard FileTree.exists(String(decoding: path, as: UTF8.self)) else {
                throw Fault("drop-in-file-missing", "\(directive.keyword): there is no \(directive.value)")
            }
        }
        try SafePath.checkOpen(settings.folder.current)
        do { _ = try PosixUser(named: settings.commandUser) } catch {
            throw Fault(
                "drop-in-user", "there is no user \(settings.commandUser) to run the principals command")
        }
    }

    private func reason(for directive: DropIn.Directive) -> String {
        let settings = SSHDFiles.settings(from: settings.sshdConfig)
        guard settings.contains(where: { $0.file == self.settings.dropIn }) else {
            return "\(self.settings.sshdConfig) does not read \(self.settings.dropIn): put "
                + "`Include /etc/ssh/sshd_config.d/*.conf` on its first line"
        }
        let first = settings.first { !$0.conditional && $0.keyword == directive.keyword.lowercased() }
        guard let first, first.file != self.settings.dropIn else {
            return "sshd -T does not show \(directive.keyword) \(directive.value)"
        }
        return "\(first.place) sets \(directive.keyword) first, and in sshd_config the first value wins"
    }
}
