import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Posix

/// `reeve logout`
struct LogoutCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "End the session and forget all keys and certificates.",
        discussion: "Keys go first, so that they are gone even if the authority cannot be reached.")

    @OptionGroup var common: CommonOptions

    struct Report: Encodable { let signedOut: Bool }

    func perform() async throws {
        let state = try StateFolder()
        var agent = KeyAgent()
        try HeldCertificates(state).discardAll(agent: &agent)
        guard try state.session() != nil else {
            show(Report(signedOut: false), lines: ["There was no session; keys and certificates are gone."])
            return
        }
        do {
            _ = try await state.signedIn { try await $0.bytes(.signOut, body: Array("{}".utf8)) }
        } catch let error as ClientError where error.needsSignIn {
            // Ended already.
        }
        try state.file(SessionRecord.file).remove()
        show(Report(signedOut: true), lines: ["Signed out; keys and certificates are gone."])
    }
}

/// `reeve whoami`
struct WhoAmICommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami", abstract: "Who you are to the authority.")

    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let whoami = try await StateFolder().signedIn { try await $0.call(.session, as: WhoAmI.self).0 }
        var lines = [whoami.identity + (whoami.device.map { " on \($0)" } ?? "")]
        lines += whoami.factors.sorted { $0.key < $1.key }.map {
            "factor \($0.key) at \(Moment.text($0.value))"
        }
        if !whoami.roles.isEmpty { lines.append("roles: " + whoami.roles.joined(separator: ", ")) }
        lines += whoami.remarks
        lines.append("session until \(Moment.text(whoami.notAfter))")
        show(whoami, lines: lines)
    }
}

extension WhoAmI {
    /// What a person should know, a line each.
    var remarks: [String] {
        var lines = (notices ?? []).map { notice in
            let text = Screen.plain(notice.text)
            return "notice: \(Moment.text(notice.at)) from \(notice.source): \(text)"
        }
        if let recoveryCodesLeft, recoveryCodesLeft <= 3 {
            lines.append("recovery codes left: \(recoveryCodesLeft); new ones: reeve recovery codes")
        }
        if limited == true {
            lines.append("limited: set up a new second factor first: reeve factor totp")
        }
        return lines
    }
}
