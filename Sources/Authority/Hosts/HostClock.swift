package import Names
package import SSHFormats

/// By how much the clock of a host is off from ours, as the times in its own proofs show.
package struct HostClock: Hashable, Sendable {
    package let host: IdentityID
    /// Seconds that it is ahead of ours; negative where it is behind.
    package let ahead: Int64
    /// When that was seen, by our clock.
    package let at: UnixTime

    package init(host: IdentityID, ahead: Int64, at: UnixTime) {
        self.host = host
        self.ahead = ahead
        self.at = at
    }

    /// Seconds that a certificate is dated back, which a clock may be behind.
    static let bearable: Int64 = 60

    /// What its sshd would say of a certificate that is issued now for so many seconds; nil where it would take it.
    func objection(toLifetime lifetime: UInt64) -> String? {
        if ahead < -Self.bearable { return "not yet valid" }
        return ahead >= Int64(clamping: lifetime) ? "expired" : nil
    }

    /// `the clock of web1.example.com is 10m behind (seen 2m ago)`.
    func words(at now: UnixTime) -> String {
        let way = ahead > 0 ? "ahead" : "behind"
        let age = now.seconds - min(now.seconds, at.seconds)
        return
            "the clock of \(host.name) is \(ahead.magnitude) s \(way) (seen \(PolicyDuration.roughly(age)) ago)"
    }
}
