extension LogEntry {
    private static let left =
        "the client had no other key to offer and left; what sshd thought of those it had stands in lines before, "
        + "or nowhere: a CA that it does not trust and a key that it does not know are logged from LogLevel VERBOSE on"
    private static let leftNext =
        "See which keys and certificates ssh offers: reeve doctor HOST, ssh -v HOST. On the host: LogLevel VERBOSE, and reeve-agent doctor."

    static let ofConnections: [LogEntry] = [
        .failed(
            "gave-up", "Connection closed by invalid user % % port %", [.user, .address, .port],
            because: "the client left: there is no account {user} that may log in; a line before says why",
            next: "Look at the line before: reeve explain --log - reads several."),
        .failed(
            "gave-up", "Connection closed by authenticating user % % port %", [.user, .address, .port],
            because: left, next: leftNext),
        .failed(
            "gave-up", "Disconnected from authenticating user % % port %", [.user, .address, .port],
            because: left, next: leftNext),
        .failed(
            "gave-up", "Connection reset by authenticating user % % port %", [.user, .address, .port],
            because: left, next: leftNext),
        .failed(
            "no-common-algorithm", "Unable to negotiate with % port %: no matching % found. Their offer: %",
            [.address, .port, .detail, .key],
            because: "client and host have no {detail} in common; the client offers {key}",
            next:
                "Use a newer ssh, or take such lines out of its configuration: ssh -G HOST shows what it offers."
        ),
        .failed(
            "timeout", "Timeout before authentication for % port %", [.address, .port],
            because: "nobody had logged in when the time was up (LoginGraceTime)",
            next: "Try again, and answer prompts sooner."),
        .failed(
            "too-many-connections", "drop connection % from [%]:% on [%]:% past MaxStartups",
            [.none, .address, .port, .none, .none],
            because: "too many connections were logging in at the time (MaxStartups)",
            next: "Try again; on the host: sshd -T | grep maxstartups."),
        .failed(
            "closed-early", "Connection closed by % port %", [.address, .port],
            because:
                "the client left before it said who it is: mostly it did not trust the host's key or certificate",
            next: "Read what ssh said on that machine; there: reeve doctor HOST."),
        .failed(
            "closed-early", "Connection reset by % port %", [.address, .port],
            because: "the connection broke before the client said who it is",
            next: "Try again with ssh -v HOST, and look at the network between."),
        .other(
            "accepted", "Accepted % for % from % port % ssh2: %-CERT % ID % (serial %) CA % %",
            [.none, .user, .address, .port, .key, .fingerprint, .keyID, .serial, .none, .caFingerprint],
            "this login did not fail: {user} came in from {address} by the certificate of {keyID}"),
        .other(
            "accepted", "Accepted publickey for % from % port % ssh2: % %",
            [.user, .address, .port, .key, .fingerprint],
            "this login did not fail: {user} came in from {address} by the plain key {fingerprint}"),
        .other(
            "accepted", "Accepted % for % from % port % ssh2", [.detail, .user, .address, .port],
            "this login did not fail: {user} came in from {address} by {detail}"),
        .other(
            "signature-pending", "Accepted certificate ID \"%\" (serial %) signed by % CA % via %",
            [.keyID, .serial, .none, .caFingerprint, .path], "this certificate is good for that login"),
        .other(
            "signature-pending", "Accepted key % % found at %", [.key, .fingerprint, .path],
            "this plain key is good for that login: it stands in {path}"),
        .other(
            "signature-pending", "Postponed % for % from % port % ssh2", [.detail, .user, .address, .port],
            "the client may go on with {detail}"),
        .other(
            "connection", "Connection from % port % on % port % rdomain %",
            [.address, .port, .none, .none, .none], "a client connected"),
        .other(
            "connection", "Connection from % port % on % port %", [.address, .port, .none, .none],
            "a client connected"),
        .other(
            "session", "Starting session: % for % from % port % id %",
            [.detail, .user, .address, .port, .none], "{user} is in"),
        .other("session", "User child is on pid %", [.none], "somebody is in"),
        .other(
            "session", "subsystem request for % by user %", [.detail, .user],
            "{user} wants the subsystem {detail}"),
        .other(
            "ended", "Close session: user % from % port % id %", [.user, .address, .port, .none],
            "a session of {user} ended"),
        .other("ended", "Transferred: sent %, received % bytes", [.none, .none], "the connection ended"),
        .other("ended", "Closing connection to % port %", [.address, .port], "the connection ended"),
        .other(
            "session", "pam_unix(sshd:session): session % for user %", [.detail, .user], "session {detail}"),
        .other(
            "ended", "Received disconnect from % port %:11: disconnected by user", [.address, .port],
            "the client went as it meant to"),
        .other("ended", "Disconnected from user % % port %", [.user, .address, .port], "{user} went"),
        .other("server", "Server listening on % port %.", [.address, .port], "sshd is there"),
        .other("server", "Received SIGHUP; restarting.", [], "sshd read its configuration again"),
        .other("server", "Received signal %; terminating.", [.none], "sshd ended"),
    ]
}
