import SSHFormats

/// What authenticated a login, as sshd tells PAM in SSH_AUTH_INFO_0: a line for each method that succeeded, of its name and
/// what it was shown, `publickey ssh-ed25519-cert-v01@openssh.com AAAA…`.
struct AuthInfo: Hashable, Sendable {
    /// The one certificate among them; nil where there is none.
    let certificate: Certificate?

    /// - Throws: ``Fault`` `session-certificate` for one that cannot be read or is not signed by the key that it names, and
    ///   for several: which of them to ask about is not known.
    init(_ text: String) throws(Fault) {
        var found: Set<Certificate> = []
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "))
            guard words.count >= 3, words[0].elementsEqual("publickey".utf8) else { continue }
            let type = String(decoding: words[1], as: UTF8.self)
            guard type.hasSuffix("-cert-v01@openssh.com") else { continue }
            found.insert(try Self.read(type + " " + String(decoding: words[2], as: UTF8.self)))
        }
        guard found.count <= 1 else {
            throw Fault("session-certificate", "the login came by more than one certificate")
        }
        certificate = found.first
    }

    private static func read(_ text: String) throws(Fault) -> Certificate {
        do {
            let certificate = try Certificate(text: text)
            try certificate.verifySignature()
            return certificate
        } catch {
            throw Fault("session-certificate", "the certificate of the login \(error)")
        }
    }
}
