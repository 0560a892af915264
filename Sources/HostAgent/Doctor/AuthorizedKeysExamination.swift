import Diagnosis
import Posix
import SSHFormats

/// Plain keys, and CAs of somebody's choosing, that files of accounts still let in.
struct AuthorizedKeysExamination: Sendable {
    /// Most files that findings are about.
    private static let mostFiles = 200
    /// Most keys in one sentence.
    private static let mostKeys = 3

    private let examination: HostExamination

    init(_ examination: HostExamination) { self.examination = examination }

    typealias Results = [(connection: TestedConnection, configuration: EffectiveConfiguration)]

    /// - Parameter byAccount: What Match blocks change, by the name of the account.
    func findings(
        of accounts: [PosixAccount], _ everybody: EffectiveConfiguration, byAccount: [String: Results]
    ) -> [Finding] {
        let now = examination.now()
        var found: [Finding] = []
        var files = 0
        for account in accounts {
            let configurations = [everybody] + (byAccount[account.name] ?? []).map(\.configuration)
            var seen: Set<String> = []
            for configuration in configurations {
                for path in AuthorizedKeysScan.paths(of: account, by: configuration)
                where seen.insert(path).inserted {
                    let isStrict = configuration.value("strictmodes") != "no"
                    guard let scan = AuthorizedKeysScan(path, of: account, isStrict: isStrict) else {
                        continue
                    }
                    files += 1
                    guard files <= Self.mostFiles else { continue }
                    found += findings(of: scan, at: now)
                }
            }
        }
        if files > Self.mostFiles {
            found.append(
                .warning(
                    "authorized-keys", "\(files - Self.mostFiles) more files of keys are there",
                    command: "sshd -T | grep -i authorizedkeysfile"))
        }
        return found.isEmpty
            ? [.good("authorized-keys", "no account has a key of its own that lets in")] : found
    }

    private func findings(of scan: AuthorizedKeysScan, at now: UnixTime) -> [Finding] {
        let path = PlainText.shellWord(scan.path)
        let aside = "mv -n -- \(path) \(PlainText.shellWord(scan.path + ".before-keyreeve"))"
        if let fault = scan.fault {
            return [
                .note(
                    "authorized-keys-unread", "sshd does not read \(scan.path) of \(scan.account): \(fault)",
                    command: aside)
            ]
        }
        let live = scan.entries.filter { !$0.hasExpired(at: now) }
        var found: [Finding] = live.filter(\.isAuthority).map { entry in
            .failure(
                "authorized-keys-ca",
                "\(scan.path) line \(entry.line) trusts the CA \(entry.key.fingerprint) for \(scan.account): "
                    + "whoever holds it comes in as \(scan.account), and nobody can revoke that",
                command: "sed -i '\(entry.line)s/^/#/' \(path)")
        }
        let keys = live.filter { !$0.isAuthority }
        if !keys.isEmpty {
            let shown = keys.prefix(Self.mostKeys).map { entry in
                entry.comment.isEmpty
                    ? "\(entry.key.fingerprint)" : "\(entry.key.fingerprint) (\(entry.comment))"
            }
            let more = keys.count > Self.mostKeys ? " and \(keys.count - Self.mostKeys) more" : ""
            let verb = keys.count == 1 ? "key lets" : "keys let"
            found.append(
                .warning(
                    "authorized-keys",
                    "\(scan.account): \(keys.count) \(verb) in beside certificates, by \(scan.path): "
                        + shown.joined(separator: ", ") + more, command: aside))
        }
        return found
    }
}
