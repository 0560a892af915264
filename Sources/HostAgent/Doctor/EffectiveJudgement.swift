import Diagnosis

/// What is wrong with a configuration that is in force, for us.
struct EffectiveJudgement {
    /// Those that decide who gets in, in lower case.
    static let keywords: Set<String> = [
        "trustedusercakeys", "revokedkeys", "hostcertificate", "authorizedprincipalscommand",
        "authorizedprincipalscommanduser", "authorizedprincipalsfile", "authorizedkeysfile",
        "authorizedkeyscommand", "pubkeyauthentication", "casignaturealgorithms", "pubkeyacceptedalgorithms",
        "passwordauthentication", "kbdinteractiveauthentication", "challengeresponseauthentication",
        "authenticationmethods", "permitemptypasswords", "hostbasedauthentication", "gssapiauthentication",
        "strictmodes",
    ]

    private let effective: EffectiveConfiguration
    private let examination: HostExamination
    private let settings: [SSHDFiles.Setting]
    /// Whether Match blocks are what made it so.
    private let conditional: Bool
    private var agent: AgentSettings { examination.settings }

    init(
        _ effective: EffectiveConfiguration, _ examination: HostExamination, _ settings: [SSHDFiles.Setting],
        conditional: Bool = false
    ) {
        self.effective = effective
        self.examination = examination
        self.settings = settings
        self.conditional = conditional
    }

    var findings: [Finding] { ours + demands + others }

    /// What the drop-in says must be what counts.
    private var ours: [Finding] {
        let codes = [
            "trustedusercakeys": "ca-overridden", "revokedkeys": "revocation-overridden",
            "authorizedprincipalscommand": "principals-overridden",
            "authorizedprincipalscommanduser": "principals-overridden",
        ]
        return DropIn(settings: agent, certificates: []).directives.compactMap { directive in
            let values = effective.values(directive.keyword)
            guard values != [directive.value], let code = codes[directive.keyword.lowercased()] else {
                return nil
            }
            let shown = values.isEmpty ? "nothing" : values.joined(separator: " ")
            return .failure(
                code, "\(directive.keyword) is \(shown), not \(directive.value)",
                command: mend(directive.keyword, nil))
        }
    }

    /// What certificates need.
    private var demands: [Finding] {
        var found: [Finding] = []
        if effective.value("pubkeyauthentication") == "no" {
            found.append(
                .failure(
                    "pubkey-off", "PubkeyAuthentication is no, and certificates come by it",
                    command: mend("PubkeyAuthentication", "yes")))
        }
        if !has("ssh-ed25519", in: "casignaturealgorithms") {
            found.append(
                .failure(
                    "ca-algorithm", "CASignatureAlgorithms lacks ssh-ed25519, by which the authority signs",
                    command: mend("CASignatureAlgorithms", "+ssh-ed25519")))
        }
        if !has("ssh-ed25519-cert-v01@openssh.com", in: "pubkeyacceptedalgorithms") {
            found.append(
                .failure(
                    "certificates-not-accepted",
                    "PubkeyAcceptedAlgorithms lacks ssh-ed25519-cert-v01@openssh.com, the kind of most certificates",
                    command: mend("PubkeyAcceptedAlgorithms", "+ssh-ed25519-cert-v01@openssh.com")))
        }
        let methods = effective.values("authenticationmethods").joined(separator: " ")
        if !methods.isEmpty, methods != "any", !methods.split(separator: " ").contains("publickey") {
            found.append(
                .warning(
                    "methods",
                    "AuthenticationMethods is \(methods): a certificate alone is not enough, or no use",
                    command: mend("AuthenticationMethods", "any")))
        }
        if effective.value("strictmodes") == "no" {
            found.append(
                .warning(
                    "strict-modes-off",
                    "StrictModes is no: keys count that others than their owner may have put there",
                    command: mend("StrictModes", "yes")))
        }
        return found
    }

    /// Ways in that nobody can revoke from the authority.
    private var others: [Finding] {
        var found: [Finding] = []
        let ways = [
            ("PasswordAuthentication", "password-logins", "passwords"),
            (
                "KbdInteractiveAuthentication", "keyboard-interactive-logins",
                "what PAM asks, mostly passwords,"
            ),
            ("HostbasedAuthentication", "hostbased-logins", "the word of other machines"),
            ("GSSAPIAuthentication", "gssapi-logins", "Kerberos tickets"),
        ]
        for (keyword, code, what) in ways where effective.value(keyword) == "yes" {
            found.append(
                .warning(
                    code, "\(keyword) is yes: \(what) let in beside certificates",
                    command: mend(keyword, "no")))
        }
        if effective.value("permitemptypasswords") == "yes" {
            found.append(
                .failure(
                    "empty-passwords", "PermitEmptyPasswords is yes",
                    command: mend("PermitEmptyPasswords", "no")))
        }
        if let command = named("authorizedkeyscommand") {
            found.append(
                .warning(
                    "keys-command", "AuthorizedKeysCommand \(command) may name keys and CAs that let in",
                    command: mend("AuthorizedKeysCommand", "none")))
        }
        if let file = named("authorizedprincipalsfile") {
            found.append(
                .warning(
                    "principals-file",
                    "AuthorizedPrincipalsFile \(file) may give an account more principals than the authority did",
                    command: mend("AuthorizedPrincipalsFile", "none")))
        }
        return found
    }

    private func named(_ keyword: String) -> String? {
        let value = effective.values(keyword).joined(separator: " ")
        return value.isEmpty || value == "none" ? nil : value
    }

    private func has(_ algorithm: String, in keyword: String) -> Bool {
        effective.value(keyword).split(separator: ",").contains { $0 == algorithm }
    }

    /// Opens the line that sets it; where none does, sets it.
    private func mend(_ keyword: String, _ value: String?) -> String {
        let name = keyword.lowercased()
        let lines = settings.filter { $0.keyword == name && $0.file != agent.dropIn }
        let line = lines.first { $0.conditional == conditional } ?? lines.first
        if let line { return examination.remedies.edit(line.file, line: line.line) }
        guard let value else { return examination.remedies.sync }
        return examination.remedies.set(keyword, to: value)
    }
}
