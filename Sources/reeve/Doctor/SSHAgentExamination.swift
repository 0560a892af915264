import Diagnosis
import Posix
import SSHFormats

/// Which ssh-agent answers, and what it takes.
struct SSHAgentExamination {
    /// sshd takes so many keys before it hangs up (MaxAuthTries).
    private static let mostTried = 6
    private static let start = "eval \"$(ssh-agent -s)\""

    var findings: [Finding] {
        guard let path = Environment.value("SSH_AUTH_SOCK") else {
            return [
                .note(
                    "agent-none", "there is no ssh-agent: keys are kept in files, for their owner alone",
                    command: Self.start)
            ]
        }
        guard let socket = AgentSocket() else {
            return [
                .failure(
                    "agent-gone", "SSH_AUTH_SOCK names \(path), and nobody answers there", command: Self.start
                )
            ]
        }
        let kind = AgentKind(socket: path, process: socket.processName)
        var client = AgentClient(socket)
        do {
            let held = try client.identities()
            var findings: [Finding] = [
                .good("agent", "\(kind.words) answers at \(path), with \(held.count) keys")
            ]
            findings += many(held)
            return findings + abilities(kind, &client)
        } catch {
            return [
                .failure(
                    "agent-mute", "\(kind.words) at \(path) does not list its keys: \(error)",
                    command: Self.start)
            ]
        }
    }

    private func many(_ held: [AgentIdentity]) -> [Finding] {
        guard held.count >= Self.mostTried else { return [] }
        return [
            .note(
                "agent-many-keys",
                "with \(held.count) keys in the agent, ssh to hosts without IdentitiesOnly uses up sshd's MaxAuthTries (\(Self.mostTried))",
                command: "reeve ssh-config --write")
        ]
    }

    /// What it takes is tried, but where a key would be asked for a passphrase and stay for good.
    private func abilities(_ kind: AgentKind, _ client: inout AgentClient<AgentSocket>) -> [Finding] {
        guard kind != .gpg else {
            return [
                .warning(
                    "agent-gpg",
                    "gpg-agent takes no certificates and would keep keys on disk for good; reeve keeps its keys in files then",
                    command: Self.start)
            ]
        }
        guard kind != .onePassword else {
            return [
                .note(
                    "agent-1password",
                    "1Password's agent takes no keys from others; reeve keeps its keys in files then",
                    command: Self.start)
            ]
        }
        return trial(kind, &client)
    }

    private func trial(_ kind: AgentKind, _ client: inout AgentClient<AgentSocket>) -> [Finding] {
        do {
            let trial = try Trial()
            defer { trial.remove(from: &client) }
            guard trial.isTaken(by: &client, .none, certified: false) else {
                return [
                    .warning(
                        "agent-takes-nothing",
                        "\(kind.words) takes no keys (is it locked?); reeve keeps its keys in files then",
                        command: "ssh-add -X || \(Self.start)")
                ]
            }
            var findings: [Finding] = []
            if !trial.isTaken(by: &client, .none, certified: true) {
                findings.append(
                    .warning(
                        "agent-no-certificates", "\(kind.words) takes no certificates", command: Self.start))
            }
            if !trial.isTaken(by: &client, AgentConstraints(lifetime: 60), certified: true) {
                findings.append(
                    .warning(
                        "agent-no-lifetimes",
                        "\(kind.words) takes no lifetimes: keys stay in it until `reeve logout`",
                        command: Self.start))
            }
            return findings.isEmpty
                ? [.good("agent-abilities", "takes certificates and lifetimes")] : findings
        } catch {
            return [.note("agent-untried", "what it takes could not be tried: \(error)")]
        }
    }

    /// A key that was made for this and proves nothing to anybody, with a certificate by itself.
    private struct Trial {
        let key: PrivateKey
        let certificate: Certificate

        init() throws {
            key = try PrivateKey.generate(.ed25519)
            let now = UnixTime(WallClock.now())
            let draft = try CertificateDraft(
                kind: .user, publicKey: key.publicKey, serial: 0, keyID: "reeve doctor",
                principals: try Principals(["nobody"]),
                validity: try Validity(validAfter: now, validBefore: now.advanced(by: 60)), extensions: .none,
                nonce: try secureRandom(32), signatureKey: key.publicKey)
            certificate = try draft.sealed(with: try key.sign(draft.toBeSigned))
        }

        func isTaken(
            by client: inout AgentClient<AgentSocket>, _ constraints: AgentConstraints, certified: Bool
        ) -> Bool {
            do {
                let comment = "reeve doctor"
                if certified {
                    try client.add(certificate, key: key, comment: comment, constraints: constraints)
                } else {
                    try client.add(key, comment: comment, constraints: constraints)
                }
                let blob = certified ? certificate.blob : certificate.publicKey.blob
                return try client.identities().contains { $0.blob == blob }
            } catch {
                return false
            }
        }

        func remove(from client: inout AgentClient<AgentSocket>) {
            for blob in [certificate.blob, certificate.publicKey.blob] { try? client.remove(blob) }
        }
    }
}

/// Which program an agent is, by the process at the other end of its socket, and by its place where that is hidden.
enum AgentKind: String {
    case openSSH, gpg, gnomeKeyring, onePassword, forwarded, other

    init(socket: String, process: String?) {
        let process = process ?? ""
        if process == "gpg-agent" || socket.hasSuffix("/S.gpg-agent.ssh") {
            self = .gpg
        } else if process.hasPrefix("gnome-keyring") || process.hasPrefix("gcr-ssh-agent")
            || socket.contains("/keyring/")
        {
            self = .gnomeKeyring
        } else if process.lowercased().hasPrefix("1password") || socket.contains("1password") {
            self = .onePassword
        } else if process.hasPrefix("sshd") {
            self = .forwarded
        } else {
            self = process == "ssh-agent" ? .openSSH : .other
        }
    }

    var words: String {
        switch self {
        case .openSSH: "OpenSSH's ssh-agent"
        case .gpg: "gpg-agent"
        case .gnomeKeyring: "the agent of GNOME"
        case .onePassword: "1Password's agent"
        case .forwarded: "an agent that was forwarded here"
        case .other: "an agent of unknown make"
        }
    }
}
