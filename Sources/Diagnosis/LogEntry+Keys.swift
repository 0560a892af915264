extension LogEntry {
    static let ofKeys: [LogEntry] = [
        .failed(
            "certificate-refused",
            "Failed publickey for % from % port % ssh2: %-CERT % ID % (serial %) CA % %",
            [.user, .address, .port, .key, .fingerprint, .keyID, .serial, .none, .caFingerprint],
            because: "the certificate was refused; the line before says why, and if there is none, "
                + "the host does not trust the CA {caFingerprint} or does not take certificates for {user}",
            next:
                "Look at the line before: reeve explain --log - reads several. On the host: reeve-agent doctor."
        ),
        .failed(
            "key-refused", "Failed publickey for % from % port % ssh2: % %",
            [.user, .address, .port, .key, .fingerprint],
            because:
                "this plain key lets nobody in as {user}; with a certificate it is tried first, and then that is no fault",
            next: "Come by a certificate: reeve ssh, or reeve login and ssh."),
        .failed(
            "password-refused", "Failed % for % from % port % ssh2", [.detail, .user, .address, .port],
            because: "the {detail} for {user} was wrong or is not taken",
            next: "Come by a certificate: reeve ssh, or reeve login and ssh."),
        .failed(
            "too-many-keys", "maximum authentication attempts exceeded for % from % port % ssh2",
            [.user, .address, .port],
            because:
                "the client offered more keys than sshd takes (MaxAuthTries), mostly from an agent that holds many",
            next:
                "Let ssh offer the right one alone: reeve ssh-config --write (IdentitiesOnly yes); reeve doctor HOST looks."
        ),
        .failed(
            "too-many-keys", "Disconnecting % % % port %: Too many authentication failures",
            [.none, .user, .address, .port],
            because:
                "the client offered more keys than sshd takes (MaxAuthTries), mostly from an agent that holds many",
            next:
                "Let ssh offer the right one alone: reeve ssh-config --write (IdentitiesOnly yes); reeve doctor HOST looks."
        ),
        .failed(
            "files-unsafe", "Authentication refused: bad ownership or modes for %", [.path],
            because: "sshd does not read that account's keys, because others may write to the {path}",
            next:
                "On the host: chmod go-w it and have it belong to the account or root; or come by a certificate: reeve ssh."
        ),
        .failed(
            "key-algorithm", "userauth_pubkey: signature algorithm % not in PubkeyAcceptedAlgorithms", [.key],
            because: "the host takes no signatures by {key} (PubkeyAcceptedAlgorithms)",
            next: "Use an Ed25519 key: reeve login makes one."),
        .failed(
            "key-algorithm", "userauth_pubkey: key type % not in PubkeyAcceptedAlgorithms", [.key],
            because: "the host takes no keys of type {key} (PubkeyAcceptedAlgorithms)",
            next: "Use an Ed25519 key: reeve login makes one."),
        .failed(
            "key-option", "Refused by key options",
            because:
                "an option of the line in authorized_keys refuses this login; the line before says which",
            next: "Come by a certificate: reeve ssh."),
        .failed(
            "key-expired", "%: entry expired at %", [.path, .detail],
            because: "the line of authorized_keys ({path}) ended at {detail}",
            next: "Come by a certificate: reeve ssh."),
        .failed(
            "keys-command-failed", "AuthorizedKeysCommand % failed, status %", [.path, .detail],
            because: "the program that knows plain keys ({path}) failed with status {detail}",
            next: "Run it by hand on the host; or come by a certificate: reeve ssh."),
        .failed(
            "keys-command-unsafe", "Unsafe AuthorizedKeysCommand \"%\": %", [.path, .detail],
            because: "sshd does not run {path}, because others than root could replace it: {detail}",
            next: "On the host: give it to root and chmod go-w the path; or come by a certificate: reeve ssh."
        ),
    ]
}
