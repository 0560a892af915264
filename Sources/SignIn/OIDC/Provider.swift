package import Authority
import AuthorityAPI
import Names
import SSHFormats

/// A provider of OpenID Connect, as this authority asks it: by the code flow with PKCE, and later by what it gave out then.
package struct Provider: Sendable {
    package let settings: ProviderSettings
    let transport: any ProviderTransport
    let world: World
    private let metadata: Kept<ProviderMetadata>
    private let keys: Kept<ProviderKeys>

    /// Asks nothing before it is needed.
    ///
    /// - Parameter note: Told each time that its keys cannot be fetched.
    package init(
        _ settings: ProviderSettings, transport: any ProviderTransport, world: World,
        clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        note: @escaping @Sendable (ProviderFault) -> Void = { _ in }
    ) {
        self.settings = settings
        self.transport = transport
        self.world = world
        let issuer = settings.issuer
        let metadata = Kept<ProviderMetadata>(
            freshness: .seconds(3_600), pause: .seconds(10),
            longest: .seconds(Int64(max(86_400, settings.keysKept))), now: clock
        ) { () async throws(ProviderFault) in
            let bytes = try await transport.document(try issuer.appending(ProviderMetadata.path))
            return try ProviderMetadata(bytes, of: issuer)
        }
        self.metadata = metadata
        // What is used is three minutes old at most while the provider can be asked, so a key that it took away no longer
        // counts. While it cannot be asked, nobody takes keys away by that.
        keys = Kept(
            freshness: .seconds(180), pause: .seconds(60), longest: .seconds(Int64(settings.keysKept)),
            now: clock
        ) { () async throws(ProviderFault) in
            do throws(ProviderFault) {
                return try ProviderKeys(try await transport.document(try await metadata.current().keys))
            } catch {
                note(error)
                throw error
            }
        }
    }

    /// Where the browser goes.
    ///
    /// - Parameter redirect: Checked by the caller: the client's loopback, or this authority's own page.
    /// - Returns: The URL, and what ``finish(_:with:)`` needs.
    package func begin(redirect: String) async throws(ProviderFault) -> (url: String, attempt: CodeAttempt) {
        let attempt = CodeAttempt(
            at: settings.name, redirect: redirect, startedAt: world.now(), random: world.random)
        let url = try await metadata.current().authorization.with([
            ("response_type", "code"), ("client_id", settings.clientID), ("redirect_uri", redirect),
            ("scope", (["openid"] + settings.scopes).joined(separator: " ")), ("state", attempt.state),
            ("nonce", attempt.nonce), ("code_challenge", attempt.challenge),
            ("code_challenge_method", "S256"),
        ])
        return (url, attempt)
    }

    /// Turns the code into who came: only for the attempt that asked for it, and only by this provider.
    package func finish(
        _ attempt: CodeAttempt, with answer: CodeAnswer
    ) async throws(ProviderFault) -> Vouched {
        let metadata = try await metadata.current()
        let code = try self.code(answer, attempt, metadata)
        let reply = try await tokens(
            [
                ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", attempt.redirect),
                ("code_verifier", attempt.verifier),
            ], metadata)
        guard let text = reply["id_token"]?.text else {
            throw .untrusted(reason: "an answer without an ID token")
        }
        let claims = try await claims(of: text, nonce: attempt.nonce, metadata)
        return try await vouched(claims, reply, metadata)
    }

    /// Whether the person is still there: asks by what the provider gave out before.
    ///
    /// - Throws: ``ProviderFault/denied(_:)`` where the provider no longer stands for them.
    package func renew(_ token: UpstreamToken, subject: String) async throws(ProviderFault) -> Vouched {
        let metadata = try await metadata.current()
        switch token {
        case .access(let token):
            let claims = try await userinfo(token, metadata)
            guard claims["sub"]?.text == subject else { throw .untrusted(reason: "another's userinfo") }
            return Vouched(
                subject: subject, claims: claims, isWhole: false, token: .access(token), settings)
        case .refresh(let secret):
            let reply = try await tokens(
                [
                    ("grant_type", "refresh_token"), ("refresh_token", secret.withExposed { $0 }),
                ], metadata)
            var claims = ProvenClaims(subject: subject, claims: .object([]))
            if let text = reply["id_token"]?.text {
                claims = try await self.claims(of: text, nonce: nil, metadata)
            }
            guard claims.subject == subject else { throw .untrusted(reason: "another's ID token") }
            let renewed = try await vouched(claims, reply, metadata)
            guard case .refresh = renewed.token else {
                return Vouched(
                    subject: subject, claims: renewed.claims, isWhole: reply["id_token"] != nil, token: token,
                    settings)
            }
            return renewed
        }
    }

    /// Why its keys are those of a while ago; nil where they are not.
    package var keysTrouble: String? {
        get async { await keys.trouble.map { "\(settings.name): \($0)" } }
    }

    /// The code, if the answer is to this attempt and from this provider.
    private func code(
        _ answer: CodeAnswer, _ attempt: CodeAttempt, _ metadata: ProviderMetadata
    ) throws(ProviderFault) -> String {
        guard attempt.provider == settings.name,
            world.now() < attempt.startedAt.advanced(by: Int64(CodeAttempt.longest))
        else { throw .untrusted(reason: "an answer to nothing that was asked") }
        guard let state = answer.state, constantTimeEquals(state.utf8, attempt.state.utf8) else {
            throw .untrusted(reason: "an answer to another sign-in")
        }
        // Both a code and an error are no code.
        guard answer.error == nil else { throw .denied(ProviderFault.Code(answer.error ?? "")) }
        guard answer.issuer.map({ $0 == settings.issuer.text }) ?? !metadata.namesItself else {
            throw .untrusted(reason: "an answer of another issuer")
        }
        guard let code = answer.code, (1...4_096).contains(code.utf8.count) else {
            throw .untrusted(reason: "an answer without a code")
        }
        return code
    }

    private func claims(
        of text: String, nonce: String?, _ metadata: ProviderMetadata
    ) async throws(ProviderFault) -> ProvenClaims {
        let check = IDTokenCheck(
            issuer: settings.issuer, clientID: settings.clientID, algorithms: metadata.algorithms)
        guard let token = SignedToken(text) else { throw .untrusted(reason: "an ID token that is none") }
        let (algorithm, id) = try check.header(token)
        var candidates = try await keys.current().candidates(algorithm, id: id)
        if candidates.isEmpty, let fresh = try await keys.refreshed() {
            candidates = fresh.candidates(algorithm, id: id)
        }
        return try check.claims(of: token, by: candidates, nonce: nonce, at: world.now())
    }

    private func tokens(
        _ parameters: [(name: String, value: String)], _ metadata: ProviderMetadata
    ) async throws(ProviderFault) -> JSONValue {
        var form = parameters
        var basic: Secret<String>?
        if let secret = settings.clientSecret, !metadata.wantsSecretInBody {
            basic = Secret(
                secret.withExposed { secret in
                    // RFC 6749 §2.3.1: each part is form-encoded first.
                    let pair = FormText.escaped(settings.clientID) + ":" + FormText.escaped(secret)
                    return Base64Text.text(Array(pair.utf8))
                })
        } else {
            form.append(("client_id", settings.clientID))
            settings.clientSecret?.withExposed { form.append(("client_secret", $0)) }
        }
        let answer = try await transport.post(
            metadata.token, form: Secret(FormText.text(form)), basic: basic)
        let json = try answer.object()
        guard answer.status == 200, json["error"] == nil else { throw answer.fault(json) }
        guard json["token_type"]?.text?.lowercased() == "bearer" else {
            throw .untrusted(reason: "an answer with tokens of another type")
        }
        return json
    }

    private func vouched(
        _ proven: ProvenClaims, _ reply: JSONValue, _ metadata: ProviderMetadata
    ) async throws(ProviderFault) -> Vouched {
        let access = reply["access_token"]?.text.map { Secret($0) }
        var claims = proven.claims
        let isMissing = settings.rules.wanted.contains { claims.claim($0) == nil }
        if isMissing, let access, metadata.userinfo != nil {
            let more = try await userinfo(access, metadata)
            guard more["sub"]?.text == proven.subject else { throw .untrusted(reason: "another's userinfo") }
            claims = claims.adding(more)
        }
        let refresh = reply["refresh_token"]?.text.map { UpstreamToken.refresh(Secret($0)) }
        return Vouched(
            subject: proven.subject, claims: claims, isWhole: reply["id_token"] != nil,
            token: refresh ?? (metadata.userinfo == nil ? nil : access.map { .access($0) }), settings)
    }

    private func userinfo(
        _ token: Secret<String>, _ metadata: ProviderMetadata
    ) async throws(ProviderFault) -> JSONValue {
        guard let url = metadata.userinfo else { throw .unavailable(reason: "it has no userinfo") }
        let answer = try await transport.get(url, bearer: token)
        guard answer.status == 200 else {
            guard answer.status == 401 || answer.status == 403 else {
                throw .unavailable(reason: "its userinfo answers \(answer.status)")
            }
            throw .denied(.invalidToken)
        }
        return try answer.object()
    }
}

extension ProviderTransport {
    /// A document that anybody may read.
    fileprivate func document(_ url: ProviderURL) async throws(ProviderFault) -> [UInt8] {
        let answer = try await get(url, bearer: nil)
        guard answer.status == 200 else { throw .unavailable(reason: "it answers \(answer.status)") }
        return answer.body
    }
}

extension ProviderAnswer {
    fileprivate func object() throws(ProviderFault) -> JSONValue {
        guard let json = try? JSONValue.read(body), case .object = json else {
            throw .unavailable(reason: "it answers \(status) without a JSON object")
        }
        return json
    }

    /// A no of the provider; a failure of its own is not one.
    fileprivate func fault(_ json: JSONValue) -> ProviderFault {
        guard status < 500, status != 429, let error = json["error"]?.text else {
            return .unavailable(reason: "it answers \(status)")
        }
        let code = ProviderFault.Code(error)
        switch code {
        case .serverError, .temporarilyUnavailable: return .unavailable(reason: code.rawValue)
        case .invalidClient, .unauthorizedClient, .invalidRequest, .unsupportedGrantType, .invalidScope:
            // About this client, not about the person.
            return .unavailable(reason: code.rawValue)
        case .invalidGrant, .invalidToken, .accessDenied, .interactionRequired, .loginRequired,
            .consentRequired, .unsupportedResponseType, .other:
            return .denied(code)
        }
    }
}

extension JSONValue {
    /// The members of this object, and those of another that it has not.
    fileprivate func adding(_ other: JSONValue) -> JSONValue {
        guard case .object(let own) = self, case .object(let more) = other else { return self }
        let names = Set(own.map(\.key))
        return .object(own + more.filter { !names.contains($0.key) })
    }
}
