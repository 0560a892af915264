import AuthorityAPI
import SSHFormats

/// What somebody wants revoked, as they wrote it.
enum RevocationTargetWord: Hashable {
    case serial(UInt64, authority: String?)
    case key(String)
    case identity(String)

    /// What one word may mean: a serial, a fingerprint, a file with a key or a certificate, else an identity. A name without
    /// its kind is first looked for among hosts if it has a dot, and first among people if it has none.
    ///
    /// - Throws: `Fault` for a file that cannot be read.
    static func all(_ word: String) throws -> [RevocationTargetWord] {
        if let serial = UInt64(word) { return [.serial(serial, authority: nil)] }
        if word.hasPrefix("SHA256:") { return [.key(word)] }
        if word.contains("/") || word.hasSuffix(".pub") { return [try ofFile(word)] }
        guard !word.contains(":") else { return [.identity(word)] }
        let (person, host) = (Self.identity(word), Self.identity("host:" + word))
        return word.contains(".") ? [host, person] : [person, host]
    }

    func request(sessions: Bool, reason: String) -> RevocationRequest {
        switch self {
        case .serial(let serial, let authority):
            RevocationRequest(
                serial: serial, authority: authority, sessions: sessions ? true : nil, reason: reason)
        case .key(let fingerprint):
            RevocationRequest(key: fingerprint, sessions: sessions ? true : nil, reason: reason)
        case .identity(let name):
            RevocationRequest(identity: name, sessions: sessions ? true : nil, reason: reason)
        }
    }

    /// A certificate is revoked by its serial, a key by its fingerprint.
    private static func ofFile(_ path: String) throws -> RevocationTargetWord {
        let text = String(decoding: try InputFile(path: path).readAll(limit: 65_536), as: UTF8.self)
        if let certificate = try? Certificate(text: text) {
            return .serial(certificate.serial, authority: certificate.kind == .host ? "host" : nil)
        }
        do { return .key(try PublicKey(text: text).fingerprint.description) } catch {
            throw Fault(.usage, "\(path) \(error)", next: "Name a file with a public key or a certificate.")
        }
    }
}
