/// The page on which a passkey is used or registered. It is the same for everybody: what it is for stands behind the `#` of
/// its address, which browsers do not send.
enum PasskeyDocument {
    static let answer: Answer = {
        var page = Page("One moment", content)
        page.script = script
        return page.answer()
    }()

    private static let content: HTML = """
        <p id="lead"></p>
        <form id="ask" hidden>
        <dl>
        <dt>Address</dt><dd id="source"></dd>
        <dt>Asked at</dt><dd id="time"></dd>
        <dt>Device key</dt><dd><code id="key"></code></dd>
        </dl>
        <label for="number">Number that your terminal shows</label>
        <input id="number" inputmode="numeric" autocomplete="off" pattern="[0-9]{4}" maxlength="4" required>
        <button id="go" type="submit">Continue with passkey</button>
        <button id="listed" type="submit" class="quiet" hidden>Use a security key that keeps no passkey</button>
        <button id="deny" type="button" class="quiet">I did not start this</button>
        <p>Did somebody send you this link, or the number? Then it is their sign-in, not yours.</p>
        </form>
        <p id="state" role="status" aria-live="polite"></p>
        """
}
