import Diagnosis
import Posix

/// Owners and modes of our files, and of the folders above them all the way up.
struct PathExamination: Sendable {
    let examination: HostExamination

    init(_ examination: HostExamination) { self.examination = examination }

    private var folder: AgentFolder { examination.folder }

    var findings: [Finding] {
        let found = safe + secret + open
        return found.isEmpty
            ? [.good("permissions", "only root can change what sshd and the agent rest on")] : found
    }

    /// What only root may write, with every folder above.
    private var safe: [Finding] {
        let settings = examination.settings
        let paths = [settings.data, settings.program, settings.sshdConfig, settings.dropIn, settings.sshd]
        var seen: Set<String> = []
        return paths.filter { FileTree.exists($0) }.compactMap { path in
            do throws(Fault) {
                try SafePath.check(path)
                return nil
            } catch {
                guard seen.insert(error.text).inserted else { return nil }
                let part = String(error.text.prefix { $0 != " " })
                return .failure(error.code, error.text, command: examination.remedies.own(part))
            }
        }
    }

    /// What nobody else may read.
    private var secret: [Finding] {
        [folder.key, folder.enrolment, folder.highWater, folder.status].compactMap { path in
            guard let access = try? DurableFile(path).access() else { return nil }
            guard access.uid != 0 || !access.isPrivate || !access.isRegularFile else { return nil }
            let word = PlainText.shellWord(path)
            return .failure(
                "permissions",
                "\(path) has mode 0\(String(access.permissions, radix: 8)) and belongs to user \(access.uid); "
                    + "it must be root's alone", command: "chown root: \(word) && chmod 600 \(word)")
        }
    }

    /// What the principals command reads as somebody without rights.
    private var open: [Finding] {
        guard FileTree.exists(folder.current) else { return [] }
        var found: [Finding] = []
        do throws(Fault) { try SafePath.checkOpen(folder.current) } catch {
            let part = PlainText.shellWord(String(error.text.prefix { $0 != " " }))
            found.append(.failure(error.code, error.text, command: "chmod 755 \(part)"))
        }
        for file in [folder.userCA, folder.revokedKeys, folder.principalFacts] {
            guard let access = try? DurableFile(file).access() else { continue }
            let word = PlainText.shellWord(file)
            if access.uid != 0 || access.permissions & 0o022 != 0 || access.permissions & 0o004 == 0 {
                found.append(
                    .failure(
                        "permissions",
                        "\(file) has mode 0\(String(access.permissions, radix: 8)) and belongs to user \(access.uid); "
                            + "it must be root's, and everybody must be able to read it",
                        command: "chown root: \(word) && chmod 644 \(word)"))
            }
        }
        return found
    }
}
