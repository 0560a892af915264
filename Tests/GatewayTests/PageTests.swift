import Testing

@testable import Gateway

@Suite struct `A page` {
    @Test func `J12 shows what others wrote as text, and nothing of it as a part of itself`() {
        let hostile = "<script>alert('1')</script>\"&\u{1B}[2J\u{202E}x\u{200B}"
        let html: HTML = "<p title=\"\(hostile)\">\(hostile)</p>"
        let shown = "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;\u{FFFD}[2J\u{FFFD}x\u{FFFD}"
        #expect(html.text == "<p title=\"\(shown)\">\(shown)</p>")
        #expect(!Page(hostile, html).text.contains("<script>"))
    }

    @Test func `runs the scripts and styles that stand in it, calls nobody else and is framed by nobody`() {
        var page = Page("Title", "<p>Text</p>")
        #expect(!page.policy.contains("script-src") && !page.policy.contains("unsafe"))
        page.script = "alert(1)"
        // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        #expect(page.policy.contains("script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"))
        #expect(page.policy.hasPrefix("default-src 'none'; style-src 'sha256-"))
        #expect(page.policy.hasSuffix("form-action 'self'; base-uri 'none'; frame-ancestors 'none'"))
        #expect(page.answer().fields.contains { $0.name == .frames && $0.value == "DENY" })
    }

    @Test func `goes on to where it is told, whatever stands in the address`() {
        var page = Page("Title", "<p>Text</p>")
        page.next = "https://id.example/authorize?a=1&b=\"><script>"
        #expect(page.text.contains("url=https://id.example/authorize?a=1&amp;b=&quot;&gt;&lt;script&gt;\">"))
    }
}
