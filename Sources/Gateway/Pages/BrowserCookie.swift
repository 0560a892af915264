import Authority
import HTTPTypes
import Names

/// What a browser is known by again: a secret of its own that only this very server name is told, over TLS, and no script.
struct BrowserCookie: Hashable, Sendable {
    /// `__Host-`: bound to this name, this path and TLS (RFC 6265bis §4.1.3.2).
    private static let name = "__Host-keyreeve-sign-in"
    private static let seconds = 900

    private let secret: String

    /// A new one.
    init() {
        var generator = SystemRandomNumberGenerator()
        secret = Base64URL.text((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    /// The one that came along; nil for none, for several, and for what we never gave out.
    init?(_ head: HTTPRequest) {
        let found = head.headerFields[values: .cookie].flatMap { $0.split(separator: ";") }
            .map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("\(Self.name)=") }
        guard found.count == 1, let text = found.first?.dropFirst(Self.name.utf8.count + 1),
            text.utf8.count == 43, text.utf8.allSatisfy(Self.isDigit)
        else { return nil }
        secret = String(text)
    }

    /// `Set-Cookie`: sent again when a provider leads the browser back here, and not by others' forms.
    var field: (name: HeaderName, value: String) {
        (
            .setCookie,
            "\(Self.name)=\(secret); Path=/; Max-Age=\(Self.seconds); Secure; HttpOnly; SameSite=Lax"
        )
    }

    /// What is kept of it.
    var hash: [UInt8] { TokenHash.of(secret) }

    /// What a form for this browser has, and no form of somebody else's can.
    func seal(_ form: String) -> String { Base64URL.text(TokenHash.of("form\n\(secret)\n\(form)")) }

    func isSealed(_ form: String, by seal: String?) -> Bool {
        constantTimeEquals((seal ?? "").utf8, self.seal(form).utf8)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45
            || byte == 95
    }
}

extension Call {
    /// Whether the browser says that this comes from a page of this very server, or says nothing of it.
    var isFromOwnPage: Bool {
        if let site = head.headerFields[.fetchSite], site != "same-origin" { return false }
        guard let origin = head.headerFields[.origin] else { return true }
        return origin == "https://\(head.authority ?? "")"
    }

    /// The fields of a form (`application/x-www-form-urlencoded`), each once.
    func form() throws(DoorError) -> Query {
        guard let text = String(validating: body, as: UTF8.self) else { throw .badRequest("body: not UTF-8") }
        return try Query(Substring(text.replacing("+", with: "%20")))
    }
}
