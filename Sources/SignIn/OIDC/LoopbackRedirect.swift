/// Where a browser brings the code to a client on the same machine (RFC 8252 §7.3): only the port may vary.
package struct LoopbackRedirect: Hashable, Sendable {
    package static let path = "/callback"

    package let text: String
    package let port: UInt16

    /// nil for anything but `http://127.0.0.1:PORT/callback` and `http://[::1]:PORT/callback`, byte for byte.
    package init?(_ text: String) {
        for host in ["http://127.0.0.1:", "http://[::1]:"] where text.hasPrefix(host) {
            let rest = text.utf8.dropFirst(host.utf8.count)
            let digits = rest.prefix { (48...57).contains($0) }
            guard let port = UInt16(String(decoding: Array(digits), as: UTF8.self)), port > 0,
                text == "\(host)\(port)\(Self.path)"
            else { return nil }
            self.text = text
            self.port = port
            return
        }
        return nil
    }
}
