import AuthorityAPI
import AuthorityClient
import Names
import Posix

/// Comes back without factors: this machine becomes a device with a new key. The key is kept before anything is asked, so
/// wherever it is interrupted, asking again goes on from there.
struct ComingBack {
    /// What lets the person back in.
    enum Ground {
        /// `device` or `colleagues` vouch.
        case vouched(by: String)
        /// A recovery code, in a way to sign in; the first that takes one where nil.
        case code(way: String?)
    }

    let state: StateFolder
    let name: String
    let ground: Ground
    let fresh: FreshStart
    var sshKey: String?
    var isHeadless = Machine.isRemote

    /// - Parameter areChosen: Whether a person named the servers.
    func session(
        at servers: [ServerAddress], areChosen: Bool, trusting trust: ServerTrust
    ) async throws -> SessionReply {
        let former = try state.begunRecovery(of: name)
        let (begun, key) = try former ?? state.beginRecovery(of: name)
        let connection = try AuthorityConnection(servers: servers, trust: trust, key: key)
        let session = try await connection.lent { connection in
            let authority = try await connection.call(.authority, as: AuthorityInfo.self).0
            let session = try await converse(begun, isNew: former == nil, authority, connection)
            try state.keep(session, of: authority, at: servers, areChosen: areChosen, trusting: trust)
            try state.finishRecovery(with: key)
            return session
        }
        var agent = KeyAgent()
        try HeldCertificates(state).discardAll(agent: &agent)
        // What was certified in this very second ends with all that was before.
        try await Task.sleep(for: .seconds(1))
        return session
    }

    private func converse(
        _ begun: BegunRecovery, isNew: Bool, _ authority: AuthorityInfo, _ connection: AuthorityConnection
    ) async throws -> SessionReply {
        let way = try self.way(authority)
        var signIn = try self.signIn(way)
        signIn.fresh?.remember = { [state] in try state.remember($0, way: way, of: begun) }
        do {
            if begun.way == way, let waiting = begun.conversation {
                if let session = try await goOn(waiting, signIn, connection) { return session }
            }
            return try await signIn.session(of: name, connection)
        } catch let error as ClientError where !isNew && error.code == "key-taken" {
            Output.note("reeve: what was interrupted had come to its end; sign in with what was set then")
            return try await Self.signedIn(name, try self.signIn(nil), connection)
        }
    }

    /// Nil where the authority does not wait any more, or nobody vouched.
    private func goOn(
        _ waiting: String, _ signIn: SignIn, _ connection: AuthorityConnection
    ) async throws -> SessionReply? {
        let answer = SignInAnswer(conversation: waiting, answers: ["recovery": ""])
        let reply: SignInReply
        do {
            reply = try await connection.call(.signInAnswer, body: answer, as: SignInReply.self).0
        } catch  where ["conversation-over", "sign-in-failed"].contains(error.code) {
            try signIn.fresh?.remember(nil)
            return nil
        }
        return try await signIn.goOn(reply, .signInAnswer, connection).session
    }

    private func signIn(_ way: String?) throws -> SignIn {
        var signIn = SignIn(
            prompter: Prompter(fresh.given, totp: try? fresh.options.storedSecret()),
            way: way, sshKey: sshKey, isHeadless: isHeadless)
        guard way != nil else { return signIn }
        signIn.fresh = fresh
        if case .code = ground { signIn.withRecoveryCode = true }
        return signIn
    }

    private func way(_ authority: AuthorityInfo) throws -> String {
        switch ground {
        case .vouched(let by): return "recovery:\(by)"
        case .code(let way?): return way
        case .code(nil):
            guard let found = authority.signIn?.first(where: { $0.split(separator: "+").contains("totp") })
            else {
                throw Fault(
                    .needsSignIn, "no way to sign in takes a recovery code here",
                    next: "Have somebody vouch for you: reeve recover --by device, or --by colleagues.")
            }
            return found
        }
    }

    /// A sign-in with the key that came of a recovery.
    private static func signedIn(
        _ name: String, _ signIn: SignIn, _ connection: AuthorityConnection
    ) async throws -> SessionReply {
        let session = try await signIn.session(of: name, connection)
        guard session.whoami.device == nil else { return session }
        let own = connection.signedIn(with: Secret(session.token))
        _ = try? await own.bytes(.signOut, body: Array("{}".utf8))
        throw ClientError.badReply("the key of this machine is no device's")
    }
}

extension ComingBack {
    /// A recovery may have come to its end just before this machine was interrupted: then the former key is refused, and the
    /// one that was begun with signs in.
    ///
    /// - Returns: nil where nothing was begun, or that key is no device's.
    static func signInAgain(
        _ name: String?, _ signIn: SignIn, in state: StateFolder
    ) async throws -> WhoAmI? {
        let device = try state.device()
        let name = name ?? device.identity
        guard let (_, key) = try state.begunRecovery(of: name) else { return nil }
        Output.note("reeve: a recovery was interrupted here; signing in with its key")
        let servers = try device.servers.map { text in try ServerAddress(text) }
        let trust = device.rootPEM.map { ServerTrust.root(pem: $0) } ?? .web
        let connection = try AuthorityConnection(servers: servers, trust: trust, key: key)
        return try await connection.lent { connection in
            let authority = try await connection.call(.authority, as: AuthorityInfo.self).0
            let session: SessionReply
            do { session = try await signedIn(name, signIn, connection) } catch ClientError.badReply {
                return nil
            }
            try state.keep(
                session, of: authority, at: servers, areChosen: device.areChosen ?? false, trusting: trust)
            try state.finishRecovery(with: key)
            return session.whoami
        }
    }
}

extension ClientError {
    /// Of the problem, where the authority refused.
    var code: String? {
        guard case .refused(let problem) = self else { return nil }
        return problem.code
    }
}
