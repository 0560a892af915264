import Names

/// What the host knows about itself: enough to answer sshd's AuthorizedPrincipalsCommand without a network.
///
/// The file is text, one fact per line, and ends with `end`, so that a cut one is seen. `reeve-principals` reads it:
/// ```
/// keyreeve-principals 1
/// host web1.example.com
/// label env=staging
/// end
/// ```
struct PrincipalFacts: Hashable, Sendable {
    let host: Name
    let labels: [Label]

    var text: String {
        var lines = ["keyreeve-principals 1", "host \(host)"]
        lines += labels.map { "label \($0)" }
        return lines.joined(separator: "\n") + "\nend\n"
    }
}
