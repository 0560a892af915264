package import Names

/// Where a browser brings the code to a client on the same machine (RFC 8252 §7.3): only the port may vary. Each provider has
/// an address of its own, so that what one says is never taken for another's (RFC 9700 §4.4.2.2).
package struct LoopbackRedirect: Hashable, Sendable {
    package static func path(_ provider: Name) -> String { "/callback/\(provider)" }

    package let text: String
    package let port: UInt16

    /// nil for anything but `http://127.0.0.1:PORT/callback/NAME` and `http://[::1]:PORT/callback/NAME`, byte for byte.
    package init?(_ text: String, of provider: Name) {
        for host in ["http://127.0.0.1:", "http://[::1]:"] where text.hasPrefix(host) {
            let rest = text.utf8.dropFirst(host.utf8.count)
            let digits = rest.prefix { (48...57).contains($0) }
            guard let port = UInt16(String(decoding: Array(digits), as: UTF8.self)), port > 0,
                text == "\(host)\(port)\(Self.path(provider))"
            else { return nil }
            self.text = text
            self.port = port
            return
        }
        return nil
    }
}
