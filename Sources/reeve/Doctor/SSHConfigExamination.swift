import AuthorityAPI
import AuthorityClient
import Diagnosis
import Posix
import SSHFormats

/// What ssh really uses for our hosts (`ssh -G`), and what in its configuration stands in the way of ours.
struct SSHConfigExamination {
    /// Most hosts that ssh is asked about where none was named.
    private static let most = 5

    let state: StateFolder
    let files: SSHFiles
    let reach: ReachReply?
    let host: String?

    var findings: [Finding] {
        guard let reach else {
            return [
                .note("hosts-unknown", "it is not known yet which hosts there are", command: "reeve login")
            ]
        }
        let hosts: [ReachReply.Host]
        if let host {
            guard let known = reach.host(named: host) else {
                return [
                    .failure(
                        "host-unknown", "\(host) is no host that you reach",
                        command: "reeve policy who --of YOU; reeve login")
                ]
            }
            hosts = [known]
        } else {
            hosts = Array(reach.hosts.prefix(Self.most))
        }
        return placement + hosts.flatMap { findings(for: $0, reach) }
    }

    /// Whether our block is taken in, where nothing before it decides.
    private var placement: [Finding] {
        let lines = SSHConfigLines(files.config)
        let block = "\(state.path)/\(StateFolder.sshConfigFile)"
        guard let place = lines.inclusion(of: block) else {
            let word = PlainText.shellWord(files.config)
            return [
                .warning(
                    "ssh-config-missing",
                    "\(files.config) does not take in our block: plain ssh knows no certificates, only reeve ssh does",
                    command:
                        "touch \(word) && reeve ssh-config --write | cat - \(word) > \(word).new && chmod 600 \(word).new && mv \(word).new \(word)"
                )
            ]
        }
        guard lines.isConditional(place) else {
            return [.good("ssh-config", "\(files.config) line \(place) takes in our block")]
        }
        let word = PlainText.shellWord(files.config)
        return [
            .failure(
                "ssh-config-late",
                "\(files.config) line \(place) takes in our block below a Host or Match line, so that it counts for those only",
                command:
                    "{ sed -n \(place)p \(word); sed \(place)d \(word); } > \(word).new && chmod 600 \(word).new && mv \(word).new \(word)"
            )
        ]
    }

    private func findings(for host: ReachReply.Host, _ reach: ReachReply) -> [Finding] {
        let login = host.logins.first?.login
        let output: String
        do { output = try files.ssh((login.map { ["-l", $0] } ?? []) + ["--", host.name]) } catch {
            return [
                .failure("ssh-missing", Fault(error).happened, command: "sudo apt-get install openssh-client")
            ]
        }
        let used = UsedBySSH(output)
        guard !used.isEmpty else {
            return [
                .failure(
                    "ssh-config-broken", "ssh cannot read its configuration",
                    command:
                        "ssh -G \(files.isChosen ? "-F \(PlainText.shellWord(files.config)) " : "")\(host.name)"
                )
            ]
        }
        let found = knowledge(of: host, used, reach) + credentials(host, login, used)
        return found.contains { $0.severity.isWrong }
            ? found : [.good("ssh", "\(host.name): ssh -G shows what our block says")] + found
    }

    /// How the host proves itself to us.
    private func knowledge(of host: ReachReply.Host, _ used: UsedBySSH, _ reach: ReachReply) -> [Finding] {
        let ours = "\(state.path)/known_hosts"
        var found: [Finding] = []
        guard used.words("userknownhostsfile").contains(ours), used.value("hostkeyalias") == host.name else {
            // Without our block nothing of this is there; that is said once.
            guard
                SSHConfigLines(files.config).inclusion(of: "\(state.path)/\(StateFolder.sshConfigFile)")
                    != nil
            else {
                return []
            }
            return [
                overridden(
                    "UserKnownHostsFile or HostKeyAlias", ["userknownhostsfile", "hostkeyalias"], host)
            ]
        }
        if !["true", "yes"].contains(used.value("stricthostkeychecking")) {
            found.append(overridden("StrictHostKeyChecking", ["stricthostkeychecking"], host))
        }
        if !isKnown(host, in: ours, reach) {
            found.append(
                .failure(
                    "known-hosts",
                    "\(ours) has no @cert-authority line for \(host.name) by the authority's host CA",
                    command: "reeve login && reeve ssh-config --write > /dev/null"))
        }
        let revoked = "\(state.path)/revoked_hosts"
        let list = try? DurableFile(revoked).read(limit: 16 << 20)
        if used.value("revokedhostkeys") != revoked {
            found.append(overridden("RevokedHostKeys", ["revokedhostkeys"], host))
        } else if !(list.map { $0.isEmpty || (try? KRL(bytes: $0)) != nil } ?? false) {
            found.append(
                .failure(
                    "revoked-hosts", "\(revoked) is missing or damaged, and then ssh refuses every host",
                    command: "reeve login && reeve ssh-config --write > /dev/null"))
        }
        return found
    }

    private func isKnown(_ host: ReachReply.Host, in path: String, _ reach: ReachReply) -> Bool {
        guard let bytes = try? DurableFile(path).read(limit: 16 << 20) else { return false }
        let authorities = reach.hostCAKeys.compactMap { try? PublicKey(text: $0) }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").contains { line in
            guard let known = try? KnownHostsLine.parse(String(line)) else { return false }
            return known.marker == .certAuthority && known.matches(host.name)
                && authorities.contains(known.key)
        }
    }

    /// How we prove ourselves to the host.
    private func credentials(_ host: ReachReply.Host, _ login: String?, _ used: UsedBySSH) -> [Finding] {
        var found: [Finding] = []
        if ["false", "no"].contains(used.value("pubkeyauthentication")) {
            found.append(overridden("PubkeyAuthentication", ["pubkeyauthentication"], host))
        }
        let methods = used.value("preferredauthentications")
        if !methods.isEmpty, !methods.split(separator: ",").contains("publickey") {
            found.append(overridden("PreferredAuthentications", ["preferredauthentications"], host))
        }
        let master = used.value("controlmaster")
        if ["auto", "autoask", "true", "yes"].contains(master), !used.value("controlpath").isEmpty {
            found.append(
                .note(
                    "control-master",
                    "\(host.name): ssh uses an open connection again, also after its certificate was revoked or replaced",
                    command: "ssh -O exit \(host.name)"))
        }
        guard let login, isHeld(login, host) else { return found }
        // ssh -G does not fill in what stands for the login.
        let ours = [login, "%r"].map { "\(state.path)/certificates/by-host/\($0)@\(host.name)-cert.pub" }
        guard used.values("certificatefile").contains(where: ours.contains) else {
            guard
                SSHConfigLines(files.config).inclusion(of: "\(state.path)/\(StateFolder.sshConfigFile)")
                    != nil
            else {
                return found
            }
            return found + [overridden("CertificateFile", ["certificatefile"], host)]
        }
        if !["true", "yes"].contains(used.value("identitiesonly")) {
            found.append(overridden("IdentitiesOnly", ["identitiesonly"], host))
        }
        let others = used.values("identityfile").filter { !$0.hasPrefix("\(state.path)/certificates/") }
        if others.count >= 5 {
            found.append(
                .warning(
                    "identity-files",
                    "\(host.name): ssh offers \(others.count) other keys too, and sshd takes six in all",
                    command: edit(["identityfile"])))
        }
        return found + agent(host, used, login)
    }

    /// A key that is in an agent which ssh does not ask is not there.
    private func agent(_ host: ReachReply.Host, _ used: UsedBySSH, _ login: String) -> [Finding] {
        let named = used.value("identityagent")
        let isOther =
            !named.isEmpty && named != "SSH_AUTH_SOCK" && named != Environment.value("SSH_AUTH_SOCK")
        guard isOther, let held = try? HeldCertificates(state),
            let stem = try? held.stem(login: login, host: host.name), !held.hasKeyFile(stem)
        else { return [] }
        return [
            .failure(
                "identity-agent",
                "\(host.name): ssh asks the agent \(named), and our key is in that of SSH_AUTH_SOCK",
                command: edit(["identityagent"]))
        ]
    }

    private func isHeld(_ login: String, _ host: ReachReply.Host) -> Bool {
        guard let held = try? HeldCertificates(state),
            let stem = try? held.stem(login: login, host: host.name),
            let certificate = try? held.certificate(named: stem)
        else { return false }
        return certificate.validBefore.seconds > WallClock.now()
    }

    private func overridden(_ what: String, _ keywords: [String], _ host: ReachReply.Host) -> Finding {
        .failure(
            "ssh-config-overridden",
            "\(host.name): ssh -G does not show our \(what); something before our block sets it",
            command: edit(keywords))
    }

    /// Opens the first line that sets one of these.
    private func edit(_ keywords: [String]) -> String {
        let line = SSHConfigLines(files.config).first(setting: keywords)
        let file = line?.file ?? files.config
        return "${EDITOR:-vi} +\(line?.number ?? 1) \(PlainText.shellWord(file))"
    }
}

/// The answer of `ssh -G`.
struct UsedBySSH {
    private let lines: [(keyword: String, value: String)]

    init(_ text: String) {
        lines = text.split(separator: "\n").compactMap { line in
            guard let blank = line.firstIndex(of: " ") else { return nil }
            return (String(line[..<blank]).lowercased(), String(line[line.index(after: blank)...]))
        }
    }

    var isEmpty: Bool { lines.isEmpty }
    func values(_ keyword: String) -> [String] { lines.filter { $0.keyword == keyword }.map(\.value) }
    func value(_ keyword: String) -> String { values(keyword).first ?? "" }
    func words(_ keyword: String) -> [String] { value(keyword).split(separator: " ").map(String.init) }
}
