import Posix
import Records

/// Where the embedded default keeps what it has: one folder, 0700, of one user.
struct DataFolder: Sendable {
    let path: String

    var database: String { "\(path)/keyreeve.db" }
    /// Seals secrets at rest; never in the database.
    var sealingKey: String { "\(path)/sealing.key" }
    var signerFolder: String { "\(path)/signer" }
    var signerKeyFile: String { "\(path)/signer/signer.key" }
    var signerKeys: String { "\(path)/signer/signer.keys" }
    var signerSocket: String { "\(path)/signer/signer.sock" }
    var pamSocket: String { "\(path)/pam.sock" }
    var tlsRoot: String { "\(path)/tls-root.pem" }
    /// The server certificate of the last start with its key, sealed; where the signer is somebody else's.
    var tlsServer: String { "\(path)/tls-server.sealed" }
    var adminLink: String { "\(path)/first-admin-link" }
    var origin: String { "\(path)/origin" }
    var node: String { "\(path)/node" }
    var timeline: String { "\(path)/database.timeline" }

    /// Makes the folder where it is missing; refuses one that others may read.
    func open() throws(StartFault) {
        do {
            try Folder(path).make(mode: 0o700)
            try Folder(signerFolder).make(mode: 0o700)
        } catch {
            throw StartFault(
                "cannot use \(path): \(error)", advice: "Give a folder that this user may write.")
        }
        guard let access = try? DurableFile("\(path)/.").access(), access.isPrivate else {
            throw StartFault(
                "\(path) can be read or written by others", advice: "Make it its user's alone: chmod 700.")
        }
    }

    /// After the first start these files are never made anew: new keys would silently be another authority.
    func requireKeys(embeddedSigner: Bool, sharedDatabase: Bool) throws(StartFault) {
        let missing = missingKeys(embeddedSigner: embeddedSigner, sharedDatabase: sharedDatabase)
        if let first = missing.first { throw first }
    }

    /// What ``requireKeys(embeddedSigner:sharedDatabase:)`` would say of each of them.
    func missingKeys(embeddedSigner: Bool, sharedDatabase: Bool) -> [StartFault] {
        let files = [origin, sealingKey] + (embeddedSigner ? [signerKeyFile, signerKeys] : [])
        return files.compactMap { file -> StartFault? in
            do throws(PosixError) { _ = try DurableFile(file).access() } catch {
                guard error.isAbsent else {
                    return StartFault("\(error)", advice: "Check the folder's owner and mode.")
                }
                return StartFault(
                    "\(file) is gone although there is a database",
                    advice: sharedDatabase
                        ? "Copy it from another node (Docs/CLUSTER.md), or restore it from a backup."
                        : "Restore it from a backup.")
            }
            return nil
        }
    }

    /// With the key that is there; else with one that is made, at first start.
    func sealedSecrets() throws(StartFault) -> SealedSecrets {
        if let held = try heldSecrets() { return held }
        return try secrets(try sealing())
    }

    /// With the key that is there; nil without one.
    func heldSecrets() throws(StartFault) -> SealedSecrets? {
        let key: [UInt8]?
        do throws(PosixError) { key = try DurableFile(sealingKey).readIfPresent(limit: 64) } catch {
            throw StartFault(
                "cannot read \(sealingKey): \(error)", advice: "Check the folder's owner and mode.")
        }
        return try key.map { key throws(StartFault) in try secrets(key) }
    }

    private func secrets(_ key: [UInt8]) throws(StartFault) -> SealedSecrets {
        guard key.count == 32, let secrets = SealedSecrets(key: key) else {
            throw StartFault("\(sealingKey) is not 32 bytes", advice: "Restore it from a backup.")
        }
        return secrets
    }

    /// A new sealing key.
    private func sealing() throws(StartFault) -> [UInt8] {
        do throws(PosixError) {
            let key = try secureRandom(32)
            try DurableFile(sealingKey).create(key, mode: 0o600)
            return key
        } catch {
            throw StartFault(
                "cannot make \(sealingKey): \(error)", advice: "Check the folder's owner and mode.")
        }
    }

    /// What this node is called beside others on the same database: drawn at first start, never copied.
    func nodeName() throws(StartFault) -> String {
        let file = DurableFile(node)
        do throws(PosixError) {
            if let held = try file.readIfPresent(limit: 64) {
                return String(decoding: held, as: UTF8.self).trimmingNewline
            }
            let name = try secureRandom(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            try file.write(Array("\(name)\n".utf8), mode: 0o600)
            return name
        } catch {
            throw StartFault(
                "cannot read or make \(node): \(error)", advice: "Check the folder's owner and mode.")
        }
    }

    /// The origin that is there; nil without one.
    func heldOrigin() throws(PosixError) -> String? {
        try DurableFile(origin).readIfPresent(limit: 512).map {
            String(decoding: $0, as: UTF8.self).trimmingNewline
        }
    }

    /// The ledger's origin is fixed at first start: a changed name must not break old checkpoints.
    func fixedOrigin(_ wanted: String) throws(StartFault) -> String {
        do {
            if let held = try heldOrigin() { return held }
            try DurableFile(origin).write(Array("\(wanted)\n".utf8), mode: 0o600)
            return wanted
        } catch {
            throw StartFault(
                "cannot read or make \(origin): \(error)", advice: "Check the folder's owner and mode.")
        }
    }
}

extension String {
    fileprivate var trimmingNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}

/// Why the server does not start, and what to do.
struct StartFault: Error, CustomStringConvertible {
    let sentence: String
    let advice: String

    init(_ sentence: String, advice: String) {
        self.sentence = sentence
        self.advice = advice
    }

    var description: String { advice.isEmpty ? sentence : "\(sentence). \(advice)" }
}
