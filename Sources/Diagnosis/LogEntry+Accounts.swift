extension LogEntry {
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
