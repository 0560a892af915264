import Posix
package import SSHFormats

/// The certificates of this host's keys, beside the sets: one file for each host key.
package struct HostCertificates: Sendable {
    private let folder: AgentFolder
    private let host: String

    package init(folder: AgentFolder, host: String) {
        self.folder = folder
        self.host = host
    }

    /// The certificate held for a key; nil where there is none that belongs to it.
    package func held(for key: HostKey) -> Certificate? {
        let file = DurableFile(folder.certificate(ofKeyFile: key.file))
        guard let bytes = try? file.read(limit: Certificate.limit * 2),
            let certificate = try? Certificate(text: String(decoding: bytes, as: UTF8.self)),
            certificate.publicKey == key.publicKey, certificate.kind == .host
        else { return nil }
        return certificate
    }

    /// Whether it is time for a new one: none held, or half of its life is over. Hosts certified in the same second come
    /// back spread over a tenth of that life: the certificate's own hash says where.
    ///
    /// - Parameters:
    ///   - epoch: Of the state in force: what an authority issued before it was restored may be void.
    ///   - authorities: Whose certificates still count; nil where that is not known.
    package func isDue(
        _ key: HostKey, at now: UnixTime, epoch: UInt64 = 1, authorities: [PublicKey]? = nil
    ) -> Bool {
        guard let certificate = held(for: key), let validity = certificate.validity else { return true }
        if let authorities, !authorities.contains(certificate.signatureKey) { return true }
        guard certificate.principals?.contains(host) == true, validity.validAfter <= now else { return true }
        guard validity.validAfter.advanced(by: Self.backdating) >= UnixTime(epoch) else { return true }
        return now >= Self.renewal(of: certificate, validity)
    }

    /// Seconds by which certificates are older than their issue.
    private static let backdating: Int64 = 60

    /// Between 45 and 55 hundredths of the certificate's life.
    package static func renewal(of certificate: Certificate, _ validity: Validity) -> UnixTime {
        let spread = UInt64(Fingerprint(of: certificate.blob).bytes.first ?? 0)
        let part = (45 * 256 + 10 * spread) * (validity.seconds / 25_600)
        return validity.validAfter.advanced(by: Int64(clamping: part))
    }

    /// Checks the certificates that came and writes each beside its key's name.
    ///
    /// - Parameter authorities: The host CA keys that are believed.
    /// - Returns: Whether a file changed, so that sshd has to read them again.
    /// - Throws: ``Fault`` `host-certificate`; files written before stay, each is good by itself.
    package func install(
        _ lines: [String], for keys: [HostKey], signedBy authorities: [PublicKey], at now: UnixTime
    ) throws(Fault) -> Bool {
        var changed = false
        var certified: Set<PublicKey> = []
        for line in lines {
            let certificate = try check(line, signedBy: authorities, at: now)
            guard let key = keys.first(where: { $0.publicKey == certificate.publicKey }) else {
                throw Fault(
                    "host-certificate", "came for a key that is not this host's: \(certificate.fingerprint)")
            }
            certified.insert(key.publicKey)
            guard held(for: key) != certificate else { continue }
            let path = folder.certificate(ofKeyFile: key.file)
            do throws(PosixError) {
                try FileTree.make(folder.ssh)
                try DurableFile(folder.reloadDue).write([])
                try DurableFile(path).write(Array((certificate.text() + "\n").utf8), mode: 0o644)
            } catch {
                throw Fault("file", "\(error)")
            }
            changed = true
        }
        if let missing = keys.first(where: { !certified.contains($0.publicKey) }) {
            throw Fault("host-certificate", "none came for \(missing.file)")
        }
        return changed
    }

    private func check(
        _ line: String, signedBy authorities: [PublicKey], at now: UnixTime
    ) throws(Fault) -> Certificate {
        let certificate: Certificate
        do {
            certificate = try Certificate(text: line)
            try certificate.verifySignature()
        } catch {
            throw Fault("host-certificate", "what came \(error)")
        }
        guard certificate.kind == .host else { throw Fault("host-certificate", "came as a user's") }
        guard authorities.contains(certificate.signatureKey) else {
            throw Fault("host-certificate", "signed by a key that is not this authority's host CA")
        }
        guard certificate.principals?.contains(host) == true else {
            throw Fault("host-certificate", "does not name \(host)")
        }
        guard certificate.validity?.contains(now) == true else {
            throw Fault("host-certificate", "does not count now; is this clock right?")
        }
        return certificate
    }
}
