import AuthorityAPI
import AuthorityClient
import Diagnosis
import Posix
import SSHFormats

/// `reeve explain --log`: why a login failed, by what sshd logged.
struct LogExplanation {
    /// Longest input, in bytes.
    private static let limit = 1 << 20
    /// Most lines, the last ones.
    private static let mostLines = 1_000

    /// A line with what it means.
    struct Explained: Encodable {
        let line: String
        let reading: LogReading
        /// What is known of the certificate that the line names: sentences.
        let certificate: [String]
    }

    let lines: [Explained]

    /// - Parameter text: One line; `-` reads several from standard input.
    init(_ text: String) async throws {
        let input = try text == "-" ? Self.standardInput() : text
        let given = input.split(whereSeparator: \.isNewline).suffix(Self.mostLines).map(String.init)
        let lookup = CertificateLookup()
        var explained: [Explained] = []
        for line in given {
            let reading = LogReading(ofLine: line)
            explained.append(
                Explained(
                    line: PlainText.harmless(line), reading: reading,
                    certificate: await lookup.facts(of: reading)))
        }
        guard !explained.isEmpty else {
            throw Fault(
                .usage, "there is no line",
                next: "Give a line of sshd's log: journalctl -u ssh | reeve explain --log -")
        }
        lines = explained
    }

    /// Whether every line is one that is known.
    var isWhole: Bool { lines.allSatisfy { $0.reading.outcome != .unknown } }

    /// For people: what failed first of all; what says nothing of a failure stands there only if nothing failed.
    var text: [String] {
        let failed = lines.filter { [.failed, .unknown].contains($0.reading.outcome) }
        return (failed.isEmpty ? lines : failed).flatMap { one in
            let reading = one.reading
            var texts = lines.count > 1 ? [one.line] : []
            texts.append("\(reading.code): \(reading.reason)")
            texts += one.certificate.map { "  \($0)" }
            if let next = reading.next { texts.append("  next: \(next)") }
            return texts
        }
    }

    private static func standardInput() throws -> String {
        // What a stranger made sshd log need not be UTF-8.
        String(decoding: try InputFile(path: "-").readAll(limit: limit), as: UTF8.self)
    }
}

/// What is known of certificates that lines name: here, and at the authority.
struct CertificateLookup {
    private let state = try? StateFolder()

    func facts(of reading: LogReading) async -> [String] {
        var facts: [String] = []
        if let serial = reading.serial {
            facts += held(serial, reading.caFingerprint)
            facts += await issued(serial, keyID: reading.keyID)
        }
        if let authority = reading.caFingerprint { facts += await trusted(authority) }
        return facts
    }

    /// Among those that this device holds.
    private func held(_ serial: UInt64, _ authority: String?) -> [String] {
        guard let state, let held = try? HeldCertificates(state) else { return [] }
        let ending = "-cert.pub"
        let names = (try? LinkFolder(path: held.folder).names()) ?? []
        return names.filter { $0.hasSuffix(ending) }.compactMap { name in
            let stem = String(name.dropLast(ending.utf8.count))
            guard let certificate = try? held.certificate(named: stem), certificate.serial == serial,
                authority.map({ $0 == certificate.signatureKey.fingerprint.description }) ?? true
            else { return nil }
            let names = (certificate.principals?.names ?? []).joined(separator: ", ")
            let (start, end) = (certificate.validAfter.seconds, certificate.validBefore.seconds)
            return
                "this device holds it as \(stem): for \(names), \(Moment.text(start)) to \(Moment.text(end))"
        }
    }

    /// What the authority knows of it: of one's own, and of others to whom it may tell. Nothing where nobody is signed in.
    private func issued(_ serial: UInt64, keyID: String?) async -> [String] {
        guard let state, (try? state.session()) != nil else { return [] }
        var found: [String] = []
        for authority in ["user", "plainUser"] {
            let query = [(name: "serial", value: String(serial)), (name: "authority", value: authority)]
            let reply = try? await state.signedIn {
                try await $0.call(.certificateLook, query: query, as: IssuedCertificateReply.self).0
            }
            guard let reply else { continue }
            let revoked = reply.revoked ? ", revoked" : ""
            let (start, end) = (Moment.text(reply.validAfter), Moment.text(reply.validBefore))
            found.append(
                "the authority issued certificate \(serial) to \(reply.device ?? reply.identity) by grant "
                    + "\(reply.grant ?? "(none)") for \(reply.principals.joined(separator: ", ")), \(start) to \(end)\(revoked)"
            )
            if let keyID, keyID != reply.keyID {
                found.append("but not with the key ID of the line: whoever signed that one is another CA")
            }
        }
        return found
    }

    /// Whether the CA is the authority's: anybody may ask.
    private func trusted(_ fingerprint: String) async -> [String] {
        guard let state, let device = try? state.device(),
            let info = try? await state.connected(
                device, { try await $0.call(.authority, as: AuthorityInfo.self).0 })
        else { return [] }
        let prints = { (lines: [String]) in
            lines.compactMap { try? PublicKey(text: $0).fingerprint.description }
        }
        if prints(info.userCAKeys).contains(fingerprint) { return ["its CA is the authority's"] }
        if prints(info.plainUserCAKeys).contains(fingerprint) {
            return [
                "its CA is the authority's for hosts without the agent; hosts with it do not trust that one"
            ]
        }
        return ["its CA \(fingerprint) is not the authority's"]
    }
}
