import Authority
import Names
import SSHFormats

/// What a browser is shown during a sign-in that began at a terminal. Nothing on it says who somebody is, or whether they are
/// known here.
enum BrowserPage {
    private static let title = "Sign in at a terminal"

    /// Who asks, from where, when, and where the code is typed.
    static func code(
        _ signIn: BrowserSignIn, _ cookie: BrowserCookie, from address: String, at now: UnixTime,
        remark: String?
    ) -> Answer {
        let seconds = now.seconds - min(now.seconds, signIn.askedAt.seconds)
        let isNear = SourceNetwork.of(signIn.source) == SourceNetwork.of(address)
        let remark: HTML = if let remark { "<p class=\"bad\" role=\"alert\">\(remark)</p>" } else { "" }
        let here: HTML = isNear ? "the same network" : "\(address), another network"
        let content: HTML = """
            <p>A terminal asks to be signed in by your account at <b>\(signIn.provider.text)</b>.</p>
            <dl>
            <dt>From</dt><dd id="source">\(signIn.source)</dd>
            <dt>You are at</dt><dd>\(here)</dd>
            <dt>Calls itself</dt><dd id="client">\(signIn.client)</dd>
            <dt>Since</dt><dd id="time">\(signIn.askedAt.utcText), \(seconds) s ago</dd>
            <dt>Its key</dt><dd><code>\(signIn.key.description)</code></dd>
            </dl>
            <p class="bad">Go on only if you began this yourself, just now. Whoever else asks you for the code, by phone, \
            mail or chat, wants to be let in as you.</p>
            \(remark)
            <form method="post" action="/sign-in" autocomplete="off">
            <input type="hidden" name="request" value="\(signIn.id)">
            <input type="hidden" name="form" value="\(cookie.seal(signIn.id))">
            <label for="code">Code that your terminal shows</label>
            <input id="code" name="code" required maxlength="16" autocomplete="off" autocapitalize="characters" \
            spellcheck="false" autofocus>
            <button>Go on to \(signIn.provider.text)</button>
            </form>
            """
        // Without a referrer browsers would not say where the form comes from either.
        return Page(title, content).answer([cookie.field, (.referrer, "same-origin")])
    }

    /// By a page, since a form may not lead to another server.
    static func goOn(to url: String, _ provider: Name) -> Answer {
        var page = Page(
            title,
            """
            <p>The code is right. Now sign in at \(provider.text), in this browser.</p>
            <p><a class="go" href="\(url)">Go on to \(provider.text)</a></p>
            """)
        page.next = url
        return page.answer()
    }

    static func approved(_ provider: Name) -> Answer {
        Page(
            "Signed in",
            "<p>\(provider.text) says who you are. Your terminal goes on by itself; you can close this page.</p>"
        ).answer()
    }

    static func denied(_ provider: Name) -> Answer {
        refused("\(provider.text) did not say who you are. Begin again at the terminal.", status: 403)
    }

    /// The same for what never was, what is over and what was used up.
    static let over = refused(
        "No terminal waits for this. Addresses and codes last five minutes, and count once. Begin again there.",
        status: 404)

    static let foreign = refused(
        "Nothing waits for this answer in this browser. Sign in where you typed the code, or begin again.",
        status: 403)

    static let notOurForm = refused(
        "This form does not come from this server's own page in this browser, which must take cookies. Open the address again.",
        status: 403)

    static func unavailable(_ failure: Failure) -> Answer {
        refused("\(failure.advice)", status: 503)
    }

    private static func refused(_ text: String, status: Int) -> Answer {
        Page("Not signed in", "<p>\(text)</p>").answer(status: status)
    }
}
