import AuthorityAPI
import AuthorityClient
import HostDocuments
import Names
import SSHFormats

/// The paper of a request as it is shown and signed: every byte of it can be seen.
struct ApprovalPaper {
    let text: String

    /// - Parameter origin: The authority that this device enrolled with.
    /// - Throws: ``ClientError/badReply(_:)`` if it is of another authority or request, or says what a terminal would not show.
    init(_ request: ApprovalReply, origin: String) throws(ClientError) {
        text = request.document
        guard text.utf8.count <= ApprovalStatement.longestRequest, text.hasSuffix("\n"),
            ApprovalLines.isPlain(text), Self.holds("authority: \(origin)", text),
            Self.holds("request: \(request.number)", text)
        else { throw .badReply("the paper of request \(request.number) is not one that can be signed") }
    }

    var lines: [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    private static func holds(_ line: String, _ text: String) -> Bool {
        let name = line.prefix { $0 != ":" } + ":"
        return text.split(separator: "\n").filter { $0.hasPrefix(name) } == [line[...]]
    }
}

/// What the person at this device says of a request.
struct ApprovalDecision {
    let number: UInt64
    let decision: ApprovalStatement.Decision
    let reason: String?
    /// Where the number comes from that a recovery shows.
    var prompter = Prompter(.none)

    /// Shows all that is signed, signs it with the key of this device, and hands it in.
    ///
    /// - Parameter asking: Whether a person at a terminal is asked first.
    func made(asking: Bool) async throws -> ApprovalReply {
        let state = try StateFolder()
        let device = try state.device()
        let key = try state.deviceKey()
        return try await state.signedIn { connection in
            let request = try await connection.request(number)
            let paper = try ApprovalPaper(request, origin: device.origin)
            let shown = try shown(of: request, paper)
            let statement = ApprovalStatement(
                request: paper.text, decision: decision, person: device.identity, reason: reason,
                number: shown)
            Output.write(statement.text)
            if asking, let terminal = Terminal() {
                guard try terminal.line("Sign this? yes or no: ") == "yes" else {
                    throw Fault(
                        .refused, "nothing was signed",
                        next: "Deny it, if it should not be: reeve deny \(number)")
                }
            }
            var signer = FileSigner.device(key)
            let signature = try signer.sign(
                SSHSIGHash.sha512.digest(of: Array(statement.text.utf8)),
                namespace: ApprovalStatement.namespace, hash: .sha512)
            let said = ApprovalDecisionRequest(
                number: number, decision: decision.rawValue, reason: reason, shown: shown,
                signature: signature.armoured)
            return try await connection.call(.requestsDecide, body: said, as: ApprovalReply.self).0
        }
    }

    /// To agree to a recovery takes the number that the person tells.
    private func shown(of request: ApprovalReply, _ paper: ApprovalPaper) throws -> String? {
        guard request.kind == "recovery", decision == .approved else { return nil }
        for line in paper.lines { Output.note(line) }
        return try prompter.shown(
            "number", "Number that \(Screen.plain(request.requester)) tells you, whom you know by voice"
        ).withExposed { $0 }
    }
}
