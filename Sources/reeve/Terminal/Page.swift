import AuthorityClient
import Posix

/// A page of the authority that somebody is to open, on this machine or any other.
struct Page: Sendable {
    let url: String

    /// - Throws: ``ClientError/badReply(_:)`` for an address that is no such page's.
    init(_ url: String) throws(ClientError) {
        guard url.hasPrefix("https://"), url.utf8.count <= 1_024,
            url.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .badReply("the authority sends the browser nowhere") }
        self.url = url
    }

    /// Writes it down, and opens it if there is a browser; else a terminal shows it for a phone as well. Whoever sees the
    /// address needs the number too.
    ///
    /// - Parameter opens: Whether it may be opened on this machine.
    func show(opens: Bool = true) {
        StandardError.write("  \(url)\n")
        guard !(opens && BrowserSignIn.open(url)), let terminal = Terminal(),
            let code = QRCode(url) ?? QRCode(url, correction: .low)
        else { return }
        terminal.show(code.terminalLines.joined(separator: "\n") + "\n")
    }
}
