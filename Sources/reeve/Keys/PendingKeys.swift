import Names
import Posix
import SSHFormats

/// Keys whose certificates others must approve first, kept until then so that the same is asked for again: the folder
/// `pending`, by what they are for.
struct PendingKeys {
    let folder: String

    init(_ state: StateFolder) throws {
        folder = state.path + "/pending"
        try Folder(folder).make(mode: 0o700)
    }

    func key(for stem: String) throws -> PrivateKey? {
        guard let bytes = try DurableFile("\(folder)/\(stem)").readIfPresent(limit: 65_536) else {
            return nil
        }
        return try? PrivateKey(openSSH: String(decoding: bytes, as: UTF8.self))
    }

    func keep(_ key: PrivateKey, for stem: String) throws {
        try DurableFile("\(folder)/\(stem)").write(
            Array(key.openSSHText(comment: "reeve \(stem)").utf8), mode: 0o600)
    }

    func forget(_ stem: String) throws { try LinkFolder(path: folder).remove(stem) }
}
