package import Names

/// How an enrolment link is written: `https://HOST:PORT/enrol#TOKEN~PIN`. What stands after `#` is never sent.
package struct LinkText: Hashable, Sendable {
    /// Host, and port unless 443, as people reach it.
    package let authority: String
    /// Fingerprint of the TLS root, for authorities that made their own; nil where the certificate is publicly trusted.
    package let pin: String?

    package init(authority: String, pin: String?) {
        self.authority = authority
        self.pin = pin
    }

    /// The link for a token. Secret as the token is: shown once, never logged.
    package func text(_ token: Secret<String>) -> String {
        token.withExposed { "https://\(authority)/enrol#\($0)" } + (pin.map { "~\($0)" } ?? "")
    }
}
