import AuthorityAPI
import AuthorityClient
import Posix

/// The part of a sign-in that happens in the browser of this machine.
actor BrowserSignIn {
    /// Seconds that somebody may take at the provider; the authority waits no longer either.
    static let patience = 290

    private var listener: LoopbackListener?

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - ports: Those that the provider knows; any where empty.
    ///   - place: The address that it knows, without a port.
    func redirect(ports: [String], at place: String) async throws -> String {
        let listener = try await LoopbackListener(ports: ports.compactMap { UInt16($0) }, at: place)
        self.listener = listener
        return listener.redirect
    }

    /// Opens the browser and waits for what it brings.
    func answers(to url: String) async throws -> [String: String] {
        guard let listener, let state = Self.state(in: url) else {
            throw ClientError.badReply("the authority sends the browser nowhere")
        }
        StandardError.write("Sign in in your browser. If it does not open, go to:\n  \(Screen.plain(url))\n")
        Self.open(url)
        let brought = try await withThrowingTaskGroup(of: [String: String]?.self) { group in
            group.addTask { try await listener.answer(state: state) }
            group.addTask {
                try await Task.sleep(for: .seconds(Self.patience), clock: .continuous)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let brought else {
            throw Fault(.needsSignIn, "the browser brought nothing in time", next: "Try again: reeve login.")
        }
        return brought
    }

    /// What the browser must bring along; nil for an address that no browser should open.
    private static func state(in url: String) -> String? {
        guard
            url.hasPrefix("https://") || url.hasPrefix("http://127.0.0.1")
                || url.hasPrefix("http://localhost")
                || url.hasPrefix("http://[::1]"), url.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        let query = url.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        return query.split(separator: "&").first { $0.hasPrefix("state=") }
            .flatMap { FormDecoding.text($0.dropFirst("state=".count)) }
    }

    /// `$BROWSER`, else what the desktop opens addresses with, if there is a desktop.
    ///
    /// - Returns: Whether a program was started for it.
    @discardableResult static func open(_ url: String) -> Bool {
        if let browser = Environment.value("BROWSER") { return started(browser, url) }
        #if os(macOS)
            return started("open", url)
        #else
            guard Environment.value("DISPLAY") ?? Environment.value("WAYLAND_DISPLAY") != nil else {
                return false
            }
            return started("xdg-open", url)
        #endif
    }

    private static func started(_ program: String, _ url: String) -> Bool {
        (try? Program.start(program, [url])) != nil
    }
}
