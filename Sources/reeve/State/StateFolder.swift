import AuthorityAPI
import Names
import Posix

/// The folder of this device: who it is, its key, its session and its certificates. For its owner alone (0700).
///
/// ```
/// device.json   server, pinned root, identity     device.key   P-256, 32 bytes, never leaves
/// session.json  token, end                        reach.json   what the last login could reach
/// certificates/ keys and certificates             known_hosts  revoked_hosts  ssh_config
/// ```
struct StateFolder {
    let path: String
    /// Whether `REEVE_HOME` named it, so that nothing is put elsewhere.
    let isChosen: Bool

    /// `$REEVE_HOME`, else `$XDG_STATE_HOME/reeve`, else `~/.local/state/reeve`; made where missing.
    init() throws {
        if let chosen = Environment.value("REEVE_HOME") {
            path = chosen
        } else if let base = Environment.value("XDG_STATE_HOME") {
            path = base + "/reeve"
        } else if let home = Environment.value("HOME") {
            path = home + "/.local/state/reeve"
        } else {
            throw Fault(.usage, "no place for the state of reeve is known", next: "Set HOME or REEVE_HOME.")
        }
        isChosen = Environment.value("REEVE_HOME") != nil
        guard path.hasPrefix("/") else {
            throw Fault(
                .usage, "\(path) is not absolute", next: "Set REEVE_HOME to a path that begins with /.")
        }
        try Folder(path).make(mode: 0o700)
        let access = try DurableFile(path).access()
        guard access.isPrivate, access.uid == ProcessHardening.currentUID else {
            throw Fault(
                .usage, "\(path) can be read or written by others",
                next: "Make it yours alone: chmod 700 '\(path)'")
        }
    }

    func file(_ name: String) -> DurableFile { DurableFile(path + "/" + name) }

    /// The record in a file, nil when there is none.
    func record<Record: Decodable>(_ name: String, as type: Record.Type) throws -> Record? {
        guard let bytes = try file(name).readIfPresent(limit: 16 << 20) else { return nil }
        do { return try APICoding.decode(type, from: bytes, unknownFields: .ignored) } catch {
            throw Fault(
                .usage, "\(path)/\(name) cannot be read: \(error)",
                next: "Remove the file, then `reeve login` or `reeve enrol`.")
        }
    }

    func write(_ record: some Encodable, to name: String) throws {
        try file(name).write(APICoding.encode(record), mode: 0o600)
    }
}
