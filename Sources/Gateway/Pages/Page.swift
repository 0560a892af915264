import Crypto
import HTTPTypes

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A page for a browser: one answer, self-contained. Nothing of it comes from elsewhere, nothing is kept, nobody may
/// frame it, and no script or style runs but those that stand here, by their hashes (Content Security Policy Level 3
/// §2.3.1).
struct Page: Sendable {
    let title: String
    /// What stands between `<main>` and `</main>`.
    let content: HTML
    /// Without `</script`; it may call this server and no other.
    var script: String?
    /// Goes on to there by itself: `https://…`.
    var next: String?

    init(_ title: String, _ content: HTML) {
        self.title = title
        self.content = content
    }

    /// - Parameter fields: Others that the answer carries, `Set-Cookie` and such.
    func answer(status: Int = 200, _ fields: [(name: HeaderName, value: String)] = []) -> Answer {
        var answer = Answer.text(text, type: "text/html; charset=utf-8")
        answer.status = status
        let own = [(HeaderName.contentPolicy, policy), (.openerPolicy, "same-origin"), (.frames, "DENY")]
        answer.fields = own + fields
        return answer
    }

    var text: String {
        let refresh = next.map {
            "<meta http-equiv=\"refresh\" content=\"0; url=\(HTML.escaped($0))\">\n"
        }
        let body: HTML = """
            <title>\(title)</title>
            </head>
            <body>
            <main>
            <h1>\(title)</h1>
            \(content)
            </main>

            """
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            \(refresh ?? "")<style>\(Page.style)</style>
            \(body.text)\(script.map { "<script>\($0)</script>\n" } ?? "")</body>
            </html>

            """
    }

    /// A form goes to this server alone. It may not lead elsewhere either, so what follows one is a page with ``next``.
    var policy: String {
        let script = script.map { "script-src \(Page.hash($0)); connect-src 'self'; " } ?? ""
        return "default-src 'none'; style-src \(Page.hash(Page.style)); \(script)"
            + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    }

    private static func hash(_ text: String) -> String {
        "'sha256-\(Data(SHA256.hash(data: Array(text.utf8))).base64EncodedString())'"
    }

    /// For phones as for others, in the colours that the browser's person prefers.
    static let style = """
        :root { color-scheme: light dark; --line: #8886; --act: #0b57d0; --bad: #b3261e }
        @media (prefers-color-scheme: dark) { :root { --act: #8ab4f8; --bad: #f2b8b5 } }
        * { box-sizing: border-box }
        body { margin: 0; font: 1rem/1.5 system-ui, sans-serif }
        main { max-width: 32rem; margin: 0 auto; padding: 1.5rem 1rem }
        h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 1rem }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 1rem 0;
          padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .5rem }
        dt { opacity: .75 }
        dd { margin: 0; overflow-wrap: anywhere }
        label { display: block; margin: 1rem 0 .25rem }
        input { width: 100%; font: 1.4rem/1.2 ui-monospace, monospace; padding: .6rem .75rem;
          border: 1px solid var(--line); border-radius: .5rem }
        button, .go { display: block; width: 100%; margin: 1rem 0 0; padding: .75rem; border: 0; font: inherit;
          font-weight: 600; text-align: center; text-decoration: none; border-radius: .5rem;
          background: var(--act); color: Canvas; cursor: pointer }
        button.quiet { background: none; color: var(--act); border: 1px solid var(--line) }
        [hidden] { display: none }
        .bad { color: var(--bad); font-weight: 600 }
        code { font-family: ui-monospace, monospace; overflow-wrap: anywhere }

        """
}
