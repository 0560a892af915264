import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Names
import Posix

/// `reeve login`
struct LoginCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Sign in and fetch today's certificates.",
        discussion: "Keys are new each time; the former ones are taken out of the ssh-agent.")

    @Argument(help: "Who; by default the person of this device.")
    var name: String?
    @Flag(help: "Do not sign in again while the session lasts; only fetch certificates.")
    var ifNeeded = false
    @Flag(help: "Sign in only.")
    var noCertificates = false
    @Flag(
        help:
            "Show a recovery code in place of the authenticator app's: then a new app is set up, and this device gets a new key."
    )
    var recovery = false
    @Option(help: "Which of the authority's ways to sign in; by default its first.")
    var with: String?
    @Flag(
        help:
            "Single sign-on in the browser of another machine: show an address and a code. So it is by itself over ssh, without a desktop."
    )
    var headless = false
    @Option(
        name: [.customShort("k"), .long],
        help: ArgumentHelp(
            "Where the way takes an ssh key: this one of the ssh-agent, SHA256:… or the file of its public half.",
            valueName: "key"))
    var key: String?
    @OptionGroup var answers: AnswerOptions
    @OptionGroup var common: CommonOptions

    struct Report: Encodable {
        let identity: String
        let device: String?
        let notAfter: UInt64
        let certificates: [CertificateFetch.Fetched]
    }

    func perform() async throws {
        let state = try StateFolder()
        let whoami = try await whoami(state)
        let certificates =
            noCertificates || whoami.limited == true
            ? []
            : try await FetchTurn(state, place: "login", mayAsk: Terminal() != nil).taken {
                try await state.signedIn { try await CertificateFetch(state, $0).all() }
            }
        let report = Report(
            identity: whoami.identity, device: whoami.device, notAfter: whoami.notAfter,
            certificates: certificates)
        let until = "Signed in as \(whoami.identity) until \(Moment.text(whoami.notAfter))."
        show(
            report,
            lines: [until] + (recovery ? newKey(whoami) : []) + whoami.remarks
                + certificates.map {
                    "certificate \($0.serial): \($0.login) by grant \($0.grant) until \(Moment.text($0.validBefore)): "
                        + $0.principals.joined(separator: " ")
                })
    }

    private func newKey(_ whoami: WhoAmI) -> [String] {
        [
            "This device is \(whoami.device ?? ""), with a new key; the former one is void.",
            "All your former sessions and certificates have ended: reeve device list shows your devices.",
        ]
    }

    private func whoami(_ state: StateFolder) async throws -> WhoAmI {
        if ifNeeded, !recovery, try state.session() != nil {
            do {
                return try await state.signedIn { try await $0.call(.session, as: WhoAmI.self).0 }
            } catch let error as ClientError where error.needsSignIn {
                // The server has ended the session earlier than its time; it is asked for a new one below.
            }
        }
        let whoami = try await recovery ? comeBack(state) : signIn(state)
        // The reply to a sign-in says who; this says what else there is to know.
        return (try? await state.signedIn { try await $0.call(.session, as: WhoAmI.self).0 }) ?? whoami
    }

    private func signIn(_ state: StateFolder) async throws -> WhoAmI {
        let prompter = Prompter(try answers.answers(), totp: try answers.storedSecret())
        let signIn = SignIn(
            prompter: prompter, way: with, sshKey: key, isHeadless: headless || Machine.isRemote)
        do { return try await state.signIn(name, signIn) } catch let error as ClientError {
            guard ["key-revoked", "identity-suspended"].contains(error.code),
                let whoami = try await ComingBack.signInAgain(name, signIn, in: state)
            else { throw error }
            return whoami
        }
    }

    /// With a recovery code, and a new key.
    private func comeBack(_ state: StateFolder) async throws -> WhoAmI {
        let device = try state.device()
        let fresh = FreshStart(
            device: device.label ?? Machine.name(), options: answers, given: try answers.answers())
        return try await ComingBack(
            state: state, name: name ?? device.identity, ground: .code(way: with), fresh: fresh, sshKey: key,
            isHeadless: headless || Machine.isRemote
        ).session(
            at: try device.servers.map { text in try ServerAddress(text) },
            areChosen: device.areChosen ?? false,
            trusting: device.rootPEM.map { ServerTrust.root(pem: $0) } ?? .web
        ).whoami
    }
}
