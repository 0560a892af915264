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
    @Flag(help: "Show a recovery code in place of the authenticator app's.")
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
            lines: [until] + whoami.remarks
                + certificates.map {
                    "certificate \($0.serial): \($0.login) by grant \($0.grant) until \(Moment.text($0.validBefore)): "
                        + $0.principals.joined(separator: " ")
                })
    }

    private func whoami(_ state: StateFolder) async throws -> WhoAmI {
        if ifNeeded, try state.session() != nil {
            do {
                return try await state.signedIn { try await $0.call(.session, as: WhoAmI.self).0 }
            } catch let error as ClientError where error.needsSignIn {
                // The server has ended the session earlier than its time; it is asked for a new one below.
            }
        }
        let prompter = Prompter(try answers.answers(), totp: try answers.storedSecret())
        let whoami = try await state.signIn(
            name, prompter, withRecoveryCode: recovery, way: with, sshKey: key, isHeadless: headless)
        // The reply to a sign-in says who; this says what else there is to know.
        return (try? await state.signedIn { try await $0.call(.session, as: WhoAmI.self).0 }) ?? whoami
    }
}
