import AuthorityAPI
import AuthorityClient
import SSHFormats

/// Judges by what the authority's directory says of the key.
struct DirectoryCheck {
    let signer: SignerReply
    /// Who must have signed: the identity that holds the key, or its owner; nil: anybody.
    let identity: String?

    /// - Throws: ``Fault`` for a key that is not registered, and for a certificate.
    static func lookUp(_ signature: SSHSIG, identity: String?) async throws -> DirectoryCheck {
        guard case .key(let key) = signature.signer else {
            throw Fault(
                .usage, "it is signed by a certificate, which the directory does not answer for",
                next: "Verify it with a cert-authority line and --allowed-signers.")
        }
        let query = [(name: "key", value: key.fingerprint.description)]
        do {
            let signer = try await StateFolder().signedIn {
                try await $0.call(.signers, query: query, as: SignerReply.self).0
            }
            guard signer.publicKey == key.text() else {
                throw ClientError.badReply("the directory answers for another key")
            }
            return DirectoryCheck(signer: signer, identity: identity)
        } catch ClientError.refused(let problem) where problem.status == 404 {
            throw Fault(
                .refused, "nobody has registered the key \(key.fingerprint) here",
                next: "Do not trust the file on its account.")
        }
    }

    /// - Parameter moment: When it was signed, if that is known; else it is judged by how things stand now.
    func verdict(
        of signature: SSHSIG, over digest: [UInt8], for namespace: String, at moment: UnixTime?, now: UnixTime
    ) -> SignatureVerdict {
        var reason: String?
        do throws(SSHSIGError) { try signature.verify(digest: digest, namespace: namespace) } catch {
            reason = "the signature \(error)"
        }
        var verdict = SignatureVerdict(
            signature, identity: signer.owner ?? signer.identity, at: moment ?? now,
            reason: reason ?? refusal(at: moment, now: now))
        verdict.device = signer.owner == nil ? nil : signer.identity
        verdict.states = signer.states
        let isTainted = signer.states.contains { $0.state == "compromised" }
        if verdict.good, isTainted {
            verdict.warning =
                "the key was compromised later: whoever has it can say that it was signed before"
        }
        return verdict
    }

    private func refusal(at moment: UnixTime?, now: UnixTime) -> String? {
        if let identity, ![signer.identity, signer.owner].contains(identity) {
            return "it is signed by \(signer.owner ?? signer.identity), not by \(identity)"
        }
        guard signer.purpose != "encrypt" else { return "the key is for encryption" }
        if let moment {
            guard moment <= now else { return "the time given is in the future" }
            guard let state = state(at: moment) else {
                return "it is not known what state the key was in then"
            }
            return state == "active" ? nil : "the key was \(state) then"
        }
        guard signer.states.last?.state == "active" else {
            return
                "the key is \(signer.states.last?.state ?? "unknown") now; give --at if you know when it signed"
        }
        for (name, status) in [(signer.identity, signer.identityStatus), (signer.owner, signer.ownerStatus)] {
            if let name, let status, status != "active" { return "\(name) is \(status)" }
        }
        return nil
    }

    /// nil before the registration, and where the moment of a change was not written down.
    func state(at moment: UnixTime) -> String? {
        var last: String?
        for change in signer.states {
            guard let since = change.since else { return nil }
            guard since <= moment.seconds else { break }
            last = change.state
        }
        return last
    }
}

extension SignerReply {
    /// Lines of allowed_signers: one for each time that the key was active, under the names of its holder and of who
    /// owns that.
    func allowedSigners() throws -> [AllowedSignersLine] {
        let names = [owner, identity].compactMap { $0 }.joined(separator: ",")
        let key = try PublicKey(text: publicKey)
        var lines: [AllowedSignersLine] = []
        for (index, change) in states.enumerated() where change.state == "active" {
            let next = states.dropFirst(index + 1).first
            // What ended at a moment that nobody wrote down does not count from then on at all.
            guard let since = change.since, next == nil || (next?.since ?? 0) > since + 1 else { continue }
            lines.append(
                try AllowedSignersLine(
                    principals: names, validAfter: UnixTime(since),
                    validBefore: (next?.since).map { UnixTime($0 - 1) }, key: key, comment: fingerprint))
        }
        return lines
    }
}
