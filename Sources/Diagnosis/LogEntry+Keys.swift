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

    static let ofAccounts: [LogEntry] = [
        .failed(
            "user-unknown", "Invalid user % from % port %", [.user, .address, .port],
            because: "there is no account {user} on the host",
            next:
                "Check the login; reeve policy who --of YOU says which ones you may use. An admin of the host makes accounts."
        ),
        .failed(
            "account-locked", "User % not allowed because account is locked", [.user],
            because: "the account {user} is locked on the host",
            next:
                "An admin of the host unlocks it: usermod -U {user}, or usermod -p '*' {user} where it has no password."
        ),
        .failed(
            "shell-missing", "User % not allowed because shell % does not exist", [.user, .path],
            because: "the shell of {user}, {path}, does not exist on the host",
            next: "An admin of the host sets one: chsh -s /bin/bash {user}."),
        .failed(
            "shell-missing", "User % not allowed because shell % is not executable", [.user, .path],
            because: "the shell of {user}, {path}, cannot be run on the host",
            next: "An admin of the host sets one: chsh -s /bin/bash {user}."),
        .failed(
            "host-closed", "User % not allowed because % exists", [.user, .path],
            because:
                "the host lets nobody but root in while {path} exists: it is being started, stopped or looked after",
            next: "Wait, or have an admin of the host remove it: rm {path}."),
        .failed(
            "user-not-listed", "User % from % not allowed because not listed in AllowUsers",
            [.user, .address],
            because: "the host's AllowUsers does not name {user}",
            next: "On the host: sshd -T | grep allowusers; add {user} there or use another login."),
        .failed(
            "user-not-listed", "User % from % not allowed because listed in DenyUsers", [.user, .address],
            because: "the host's DenyUsers names {user}",
            next: "On the host: sshd -T | grep denyusers; take {user} out or use another login."),
        .failed(
            "user-not-listed",
            "User % from % not allowed because none of user's groups are listed in AllowGroups",
            [.user, .address], because: "{user} is in none of the groups that the host's AllowGroups names",
            next: "On the host: sshd -T | grep allowgroups, and usermod -aG GROUP {user}."),
        .failed(
            "user-not-listed", "User % from % not allowed because a group is listed in DenyGroups",
            [.user, .address], because: "{user} is in a group that the host's DenyGroups names",
            next: "On the host: sshd -T | grep denygroups, and gpasswd -d {user} GROUP."),
        .failed(
            "user-not-listed", "User % from % not allowed because not in any group", [.user, .address],
            because: "{user} is in no group, and the host's AllowGroups or DenyGroups asks for one",
            next: "On the host: usermod -aG GROUP {user}."),
        .failed(
            "account-expired", "Account % has expired", [.user],
            because: "the account {user} has expired on the host",
            next: "An admin of the host gives it more time: chage -E -1 {user}."),
        .failed(
            "password-expired", "User % password has expired (%)", [.user, .detail],
            because: "the password of {user} on the host has expired, which ends the account's logins",
            next: "An admin of the host: chage -d today {user}, or passwd {user}."),
        .failed(
            "root-refused", "ROOT LOGIN REFUSED FROM % port %", [.address, .port],
            because: "the host does not let root in (PermitRootLogin)",
            next: "Use another login and sudo; or on the host: PermitRootLogin prohibit-password."),
        .failed(
            "pam-account", "Access denied for user % by PAM account configuration", [.user],
            because:
                "PAM on the host refuses the account {user}: it has expired, or a rule of its account stack says no",
            next:
                "On the host: chage -l {user}, and the account lines of /etc/pam.d/sshd; PAM's own lines stand nearby in the log."
        ),
        .failed(
            "pam-session", "PAM: pam_open_session(): %", [.detail],
            because: "PAM on the host could not open the session: {detail}",
            next:
                "On the host: the session lines of /etc/pam.d/sshd; PAM's own lines stand nearby in the log."),
        .failed(
            "pam-refused", "PAM: % for % from %", [.detail, .user, .address],
            because: "PAM on the host refused {user}: {detail}",
            next: "On the host: the auth lines of /etc/pam.d/sshd; or come by a certificate: reeve ssh."),
        .failed(
            "pam-refused", "pam_unix(sshd:auth): authentication failure; %", [.detail],
            because: "the password was wrong ({detail})", next: "Come by a certificate: reeve ssh."),
        .failed(
            "pam-account", "pam_unix(sshd:account): account % has expired (%)", [.user, .detail],
            because: "the account {user} has expired on the host ({detail})",
            next: "An admin of the host gives it more time: chage -E -1 {user}."),
        .failed(
            "pam-account", "pam_access(sshd:account): access denied for user `%' from `%'",
            [.user, .address],
            because: "the host's /etc/security/access.conf refuses {user} from {address}",
            next: "An admin of the host changes that file."),
    ]
}
