extension LogEntry {
    /// As sshd 9.2 says them, with the same words in later ones (auth2-pubkey.c, sshkey.c, auth-options.c, auth2-pubkeyfile.c).
    static let ofCertificates: [LogEntry] = [
        .failed(
            "certificate-expired", "Certificate invalid: expired",
            because: "the certificate had ended, by the clock of the host",
            next:
                "Fetch a new one: reeve login, then ssh again. If it should still count, the host's clock is ahead: "
                + "reeve-agent doctor there."),
        .failed(
            "certificate-not-yet-valid", "Certificate invalid: not yet valid",
            because: "the certificate does not count yet, by the clock of the host: that clock is behind",
            next:
                "Set the host's clock: timedatectl set-ntp true there; reeve-agent doctor shows by how much it is off."
        ),
        .failed(
            "certificate-revoked", "Authentication key % % revoked by file %", [.key, .fingerprint, .path],
            because: "the key or certificate is revoked: it stands in {path} on the host",
            next:
                "Fetch a new certificate: reeve login. If the key itself is revoked, make a new one: reeve keys list."
        ),
        .failed(
            "krl-unreadable", "Error checking authentication key % % in revoked keys file %: %",
            [.key, .fingerprint, .path, .detail],
            because:
                "the host cannot read its list of what is revoked ({path}: {detail}), and then refuses everybody",
            next: "On the host: reeve-agent sync, then reeve-agent doctor."),
        .failed(
            "principal-missing", "Certificate does not contain an authorized principal",
            because: "the certificate names no principal that this login takes on this host",
            next:
                "Ask why: reeve explain --to HOST --as LOGIN. On the host, reeve-principals LOGIN prints what it takes."
        ),
        .failed(
            "principal-not-listed", "Certificate invalid: name is not a listed principal",
            because: "the certificate does not name this login, and the host asks nobody else for principals",
            next: "On the host: reeve-agent doctor; its drop-in should name reeve-principals."),
        .failed(
            "certificate-without-principals", "Certificate lacks principal list",
            because: "the certificate names no principals at all, which counts for nobody",
            next: "Fetch one from the authority: reeve login; it never signs such a certificate."),
        .failed(
            "certificate-kind", "Certificate invalid: not a user certificate",
            because: "it is the certificate of a host, not of a person",
            next: "Fetch a user certificate: reeve login."),
        .failed(
            "address-not-permitted",
            "%: Authentication tried for % with valid certificate but not from a permitted source address (%).",
            [.none, .user, .address],
            because: "the certificate counts only from the addresses in it, and {address} is none of them",
            next:
                "Come from a permitted network, or ask an admin about the grant's from: reeve inspect CERTIFICATE shows it."
        ),
        .failed(
            "address-not-permitted",
            "%: Authentication tried for % with correct key but not from a permitted host (host=%, ip=%, required=%).",
            [.none, .user, .none, .address, .detail],
            because: "the line of authorized_keys counts only from {detail}, and {address} is not there",
            next: "Come from there, or come by a certificate: reeve ssh."),
        .failed(
            "certificate-option", "Certificate critical option \"%\" is not supported", [.detail],
            because: "the certificate demands {detail}, which this sshd does not know",
            next: "Ask whoever signed it for one without; reeve login fetches one that every sshd knows."),
        .failed(
            "certificate-option", "Certificate contains unsupported critical options",
            because: "the certificate demands something that this sshd does not know",
            next: "Ask whoever signed it for one without; reeve login fetches one that every sshd knows."),
        .failed(
            "certificate-options", "Invalid certificate options",
            because: "the options of the certificate cannot be kept; the line before says which",
            next: "Look at the line before: reeve explain --log - reads several."),
        .failed(
            "certificate-options", "Unable to parse certificate options",
            because: "the options of the certificate cannot be read",
            next: "Fetch a new certificate: reeve login."),
        .failed(
            "certificate-options", "Refused by certificate options",
            because: "an option of the certificate refuses this login; the line before says which",
            next: "Look at the line before: reeve explain --log - reads several."),
        .failed(
            "certificate-source-invalid", "%: Certificate source-address invalid", [.none],
            because: "the addresses in the certificate cannot be read, and then none counts",
            next: "Fetch a new certificate: reeve login."),
        .failed(
            "certificate-source-invalid", "Certificate source-address contents invalid",
            because: "the addresses in the certificate cannot be read, and then none counts",
            next: "Fetch a new certificate: reeve login."),
        .failed(
            "ca-untrusted", "%CA % % is not listed in %", [.none, .key, .caFingerprint, .path],
            because:
                "the host does not trust the CA {caFingerprint} that signed the certificate: it is not in {path}",
            next:
                "See whose certificate it is: reeve inspect CERTIFICATE. On the host: reeve-agent sync, then reeve-agent doctor."
        ),
        .failed(
            "ca-algorithm", "userauth_pubkey: certificate signature algorithm %: %", [.key, .detail],
            because: "the host takes no certificate that is signed with {key} (CASignatureAlgorithms)",
            next: "On the host: sshd -T | grep casignaturealgorithms; it must name that algorithm."),
        .failed(
            "ca-algorithm", "Certificate signed with disallowed algorithm",
            because:
                "the host takes no certificate that is signed with this algorithm (CASignatureAlgorithms)",
            next: "On the host: sshd -T | grep casignaturealgorithms; it must name that algorithm."),
        .failed(
            "principals-command-failed", "AuthorizedPrincipalsCommand % failed, status %", [.path, .detail],
            because: "the program that knows the principals ({path}) failed with status {detail}",
            next:
                "Run it by hand on the host as the user nobody; then reeve-agent sync and reeve-agent doctor."
        ),
        .failed(
            "principals-command-failed", "AuthorizedPrincipalsCommand % exited on signal %",
            [.path, .detail],
            because: "the program that knows the principals ({path}) was ended by signal {detail}",
            next:
                "Run it by hand on the host as the user nobody; then reeve-agent sync and reeve-agent doctor."
        ),
        .failed(
            "principals-command-unsafe", "Unsafe AuthorizedPrincipalsCommand \"%\": %", [.path, .detail],
            because: "sshd does not run {path}, because others than root could replace it: {detail}",
            next: "On the host: reeve-agent doctor names the folder and the chmod that mends it."),
        .failed(
            "principals-command-missing", "Could not stat AuthorizedPrincipalsCommand \"%\": %",
            [.path, .detail],
            because: "there is no {path}, which sshd asks for the principals ({detail})",
            next: "Install reeve-principals beside reeve-agent, then: reeve-agent sync."),
        .failed(
            "principals-command-user", "AuthorizedPrincipalsCommandUser \"%\" not found: %",
            [.detail, .none],
            because: "there is no user {detail} on the host to run the principals command as",
            next: "On the host: reeve-agent sync --command-user USER with one that exists."),
    ]
}
