import HostDocuments
import Names
import SSHFormats

/// A request as people sign it: everything that the certificate will say, who asks, and why.
///
/// It is made when the request is asked and again, from what is true then, when the certificate is issued. If one byte
/// differs, nothing that was signed counts.
struct ApprovalDocument: Sendable {
    let origin: String
    let proposal: Proposal
    let requester: IdentityID
    let device: IdentityID?
    let approval: Approval
    let policy: UInt64
    let host: Name?
    let login: Login

    /// - Parameter asked: What is as it was when the request was asked.
    func text(_ asked: Asked) -> String {
        var lines = ApprovalLines()
        lines.add("keyreeve approval request", "version 1")
        lines.add("authority", origin)
        lines.add("request", String(asked.number))
        lines.add("who", requester.description)
        lines.add("device", device?.description ?? "none")
        lines.add("to", host.map { "host:\($0)" } ?? "all places of the grant")
        lines.add("as", login.text)
        lines.add("grant", proposal.grant?.text ?? "none")
        lines.add("reason", asked.reason ?? "none given")
        lines.add("valid for", "\(PolicyDuration.words(proposal.lifetime)), from its issue")
        lines.add("principals", proposal.principals.joined(separator: ", "))
        for line in options { lines.add("demands", line) }
        lines.add("permits", Self.list(proposal.extensions.options.map(\.name)))
        lines.add("signed by", proposal.authority == .plainUser ? "the plain-user CA" : "the user CA")
        lines.add("key", "\(proposal.publicKey.type.name) \(proposal.publicKey.fingerprint)")
        lines.add("asked from", asked.source)
        lines.add("asked at", asked.at.utcText)
        lines.add("ends at", asked.notAfter.utcText)
        lines.add("needs", "\(approval.count) of group:\(approval.by)")
        lines.add("policy", "version \(policy)")
        return lines.text
    }

    struct Asked {
        let number: UInt64
        let source: String
        let reason: String?
        let at: UnixTime
        let notAfter: UnixTime
    }

    private var options: [String] {
        var words: [String] = []
        if let command = proposal.criticalOptions.forceCommand { words.append("force-command \(command)") }
        if let addresses = proposal.criticalOptions.sourceAddress {
            words.append("source-address \(addresses)")
        }
        if proposal.criticalOptions.verifyRequired { words.append("verify-required") }
        return words.isEmpty ? ["nothing"] : words
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "nothing" : names.joined(separator: ", ")
    }
}

extension ApprovalDocument.Asked {
    init(_ request: ApprovalRequest) {
        self.init(
            number: request.number, source: request.source, reason: request.reason, at: request.askedAt,
            notAfter: request.notAfter)
    }
}

extension ApprovalGate.Waiting {
    /// A certificate.
    init(
        _ proposal: Proposal, _ approval: Approval, policy: UInt64, _ rules: Policy, host: Name?,
        _ request: IssuanceRequest,
        by requester: Requester, origin: String
    ) {
        let document = ApprovalDocument(
            origin: origin, proposal: proposal, requester: requester.identity.id,
            device: requester.device?.id, approval: approval, policy: policy, host: host,
            login: request.login)
        self.init(
            subject: .certificate(
                grant: proposal.grant ?? approval.by, host: host, login: request.login),
            approval: approval, policy: policy, rules: rules, wish: request.approvalHash(of: requester),
            reason: request.reason, document: { document.text($0) })
    }
}

extension IssuanceRequest {
    /// The same for the same question of the same device, whatever the reason given.
    fileprivate func approvalHash(of requester: Requester) -> [UInt8] {
        var writer = WireWriter(capacity: 512)
        for text in [
            requester.identity.id.description, requester.device?.id.description ?? "", to ?? "", login.text,
            scope?.rawValue ?? "", lifetime.map { String($0) } ?? "", grant?.text ?? "",
        ] { writer.string(text) }
        writer.string(publicKey.blob)
        return TokenHash.of(writer.bytes)
    }
}
