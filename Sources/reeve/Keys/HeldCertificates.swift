import Names
import Posix
import SSHFormats

/// The certificates of this device and where their keys are: the folder `certificates`.
///
/// `GRANT+LOGIN.pub` and `GRANT+LOGIN-cert.pub` hold the public halves; for a certificate of one host `@HOST` follows the
/// login. The private half is in the ssh-agent, or in a 0600 file under the runtime folder. `by-host/LOGIN@HOST…` link
/// to them, so that ssh_config can name them by `%r`.
struct HeldCertificates {
    let folder: String
    private let keyFolder: String

    init(_ state: StateFolder) throws {
        folder = state.path + "/certificates"
        let runtime = state.isChosen ? nil : Environment.value("XDG_RUNTIME_DIR")
        keyFolder = runtime.map { $0 + "/reeve" } ?? folder
        try Folder(folder + "/by-host").make(mode: 0o700)
        try Folder(keyFolder).make(mode: 0o700)
    }

    /// A certificate by its file name without endings.
    func certificate(named stem: String) throws -> Certificate? {
        guard let bytes = try DurableFile("\(folder)/\(stem)-cert.pub").readIfPresent(limit: 65_536),
            let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        return try? Certificate(text: text)
    }

    /// The name of what is used for this login on this host; nil if nothing is.
    func stem(login: String, host: String) throws -> String? {
        let ending = "-cert.pub"
        guard let target = LinkFolder.target(of: "\(folder)/by-host/\(login)@\(host)\(ending)"),
            target.hasPrefix("../"), target.hasSuffix(ending)
        else { return nil }
        return String(target.dropFirst(3).dropLast(ending.utf8.count))
    }

    /// Whether the private half is in a file.
    func hasKeyFile(_ stem: String) -> Bool {
        (try? DurableFile("\(keyFolder)/\(stem)").access().isRegularFile) ?? false
    }

    /// Whether the file of the private half is whole and has the key of the certificate.
    func hasKey(of certificate: Certificate, in stem: String) -> Bool {
        guard let bytes = try? DurableFile("\(keyFolder)/\(stem)").read(limit: 65_536),
            let key = try? PrivateKey(openSSH: String(decoding: bytes, as: UTF8.self))
        else { return false }
        return key.publicKey == certificate.publicKey
    }

    /// Keeps a key with its certificate: in the agent if there is one that takes it, else in a file.
    func keep(
        _ key: PrivateKey, _ certificate: Certificate, stem: String, agent: inout KeyAgent?, now: UInt64
    ) throws {
        let comment = "reeve \(stem)"
        try discard(stem, agent: &agent)
        if !(try give(key, certificate, comment: comment, to: &agent, now: now)) {
            try DurableFile("\(keyFolder)/\(stem)").write(
                Array(key.openSSHText(comment: comment).utf8), mode: 0o600)
        }
        try write(key.publicKey.text(comment: comment), to: "\(stem).pub")
        try write(certificate.text(comment: comment), to: "\(stem)-cert.pub")
    }

    /// Uses this certificate for the login on the host.
    func use(_ stem: String, login: String, host: String) throws {
        let links = LinkFolder(path: folder + "/by-host")
        let name = "\(login)@\(host)"
        if hasKeyFile(stem) {
            try links.link(name, to: "\(keyFolder)/\(stem)")
        } else {
            try links.remove(name)
        }
        try links.link("\(name).pub", to: "../\(stem).pub")
        try links.link("\(name)-cert.pub", to: "../\(stem)-cert.pub")
    }

    /// Forgets all keys and certificates, in the agent and in files.
    func discardAll(agent: inout KeyAgent?) throws {
        let ending = "-cert.pub"
        for name in try LinkFolder(path: folder).names() where name.hasSuffix(ending) {
            try discard(String(name.dropLast(ending.utf8.count)), agent: &agent)
        }
        let links = LinkFolder(path: folder + "/by-host")
        for name in try links.names() { try links.remove(name) }
    }

    /// Forgets a key with its certificate, in the agent and in files.
    func discard(_ stem: String, agent: inout KeyAgent?) throws {
        if let old = try certificate(named: stem) { try agent?.remove(old) }
        try LinkFolder(path: keyFolder).remove(stem)
        for ending in [".pub", "-cert.pub"] { try LinkFolder(path: folder).remove(stem + ending) }
    }

    private func give(
        _ key: PrivateKey, _ certificate: Certificate, comment: String, to agent: inout KeyAgent?, now: UInt64
    ) throws -> Bool {
        guard agent != nil else { return false }
        do {
            try agent?.add(key, certificate, comment: comment, now: now)
            return true
        } catch {
            Output.warn("the ssh-agent takes no keys (\(error)); this one is kept in a file")
            return false
        }
    }

    private func write(_ line: String, to name: String) throws {
        try DurableFile("\(folder)/\(name)").write(Array((line + "\n").utf8), mode: 0o600)
    }
}
