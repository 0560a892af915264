import Authority
import AuthorityAPI
import HTTPTypes
import Names

/// The pages of a sign-in that began at a terminal and goes on in a browser.
extension Routes {
    /// The page that an address at a terminal leads to. It alone never begins anything, whatever the address says.
    func browserPage(_ call: Call) async throws -> Answer {
        try call.query.only("request")
        return try await page {
            guard let signIn = try await signIn(call.query.text("request")) else { return BrowserPage.over }
            let cookie = BrowserCookie(call.head) ?? BrowserCookie()
            return BrowserPage.code(signIn, cookie, from: call.source, at: now(), remark: nil)
        }
    }

    /// The code that was typed. Only the form of the page above brings it: of the same browser, for the same sign-in.
    func browserCode(_ call: Call) async throws -> Answer {
        let form = try call.form()
        try form.only("request", "form", "code")
        return try await page {
            guard let desk = authority.browserSignIns, let id = form.text("request") else {
                return BrowserPage.over
            }
            guard let cookie = BrowserCookie(call.head), call.isFromOwnPage,
                cookie.isSealed(id, by: form.text("form"))
            else { return BrowserPage.notOurForm }
            let typed = try await desk.type(
                form.text("code") ?? "", for: id, browser: cookie.hash, source: call.source,
                requestID: call.requestID)
            switch typed {
            case .goOn(let url, let provider): return BrowserPage.goOn(to: url, provider)
            case .wrong(let signIn):
                let left = BrowserSignIn.mostTries - signIn.tries
                return BrowserPage.code(
                    signIn, cookie, from: call.source, at: now(),
                    remark: "That is not the code. It can be typed \(left) more times.")
            case .again(let signIn):
                return BrowserPage.code(
                    signIn, cookie, from: call.source, at: now(),
                    remark: "Something else came first. Try again.")
            case .over: return BrowserPage.over
            }
        }
    }

    /// Where a provider leads the browser back to.
    func browserReturn(_ call: Call) async throws -> Answer {
        try await page {
            guard let desk = authority.browserSignIns, let cookie = BrowserCookie(call.head),
                let provider = BrowserReturn.provider((call.head.path ?? "").prefix { $0 != "?" }),
                let state = call.query.text("state"),
                (1...256).contains(state.utf8.count)
            else { return BrowserPage.foreign }
            let answer = BrowserAnswer(
                state: state, code: call.query.text("code"), issuer: call.query.text("iss"),
                error: call.query.text("error"))
            let returned = try await desk.take(
                answer, of: provider, browser: cookie.hash, source: call.source, requestID: call.requestID)
            switch returned {
            case .approved(let provider): return BrowserPage.approved(provider)
            case .denied(let provider): return BrowserPage.denied(provider)
            case .foreign: return BrowserPage.foreign
            }
        }
    }

    private func signIn(_ id: String?) async throws -> BrowserSignIn? {
        guard let id, let desk = authority.browserSignIns else { return nil }
        return try await desk.open(id)
    }

    /// What cannot be answered now is said by a page too; the log has it as it is.
    private func page(_ answer: () async throws -> Answer) async throws -> Answer {
        do { return try await answer() } catch let error as AuthorityError {
            let failure = Failure(error)
            guard failure.status == 503 else { throw error }
            return BrowserPage.unavailable(failure)
        }
    }
}

/// The address that a provider leads browsers back to: one for each, so that what one says is never taken for another's.
enum BrowserReturn {
    private static let base = "/sign-in/callback/"

    /// The one whose address it is; nil for any other path.
    static func provider(_ path: Substring) -> Name? {
        guard path.hasPrefix(base) else { return nil }
        return try? Name(String(path.dropFirst(base.count)))
    }
}
