package import AuthorityAPI
import Posix
package import SSHFormats

/// The folder of a front door: the key that its clients see, and the key by which it vouches for them.
package struct DoorFiles: Sendable {
    package static let hostKeyName = "ssh_host_ed25519_key"
    package static let doorKeyName = "door.key"
    package static let doorPublicName = "door.pub"

    /// Ed25519, shown to clients; pinned by them.
    package let hostKey: PrivateKey
    package let doorKey: DPoPKey

    /// Reads the keys; makes those that are not there in a folder that has none of them.
    ///
    /// - Throws: ``DoorFault``: a key that cannot be read is never made anew, since clients and servers know it.
    package init(_ folder: String) throws(DoorFault) {
        do {
            try Folder(folder).make(mode: 0o700)
            let names = [Self.hostKeyName, Self.doorKeyName]
            let held = try names.map { name throws(PosixError) in
                try DurableFile("\(folder)/\(name)").readIfPresent(limit: 16_384)
            }
            guard let hostBytes = held[0], let doorBytes = held[1] else {
                guard held.allSatisfy({ $0 == nil }) else {
                    throw DoorFault(
                        "\(folder) has only one of \(names.joined(separator: " and ")): restore the other")
                }
                self = try Self.made(in: folder)
                return
            }
            for name in names { try Self.checkPrivate("\(folder)/\(name)") }
            hostKey = try PrivateKey(openSSH: String(decoding: hostBytes, as: UTF8.self))
            doorKey = try DPoPKey(rawRepresentation: doorBytes)
        } catch let fault as DoorFault {
            throw fault
        } catch {
            throw DoorFault("the keys in \(folder) cannot be used: \(error)")
        }
    }

    private init(hostKey: PrivateKey, doorKey: DPoPKey) {
        self.hostKey = hostKey
        self.doorKey = doorKey
    }

    private static func made(in folder: String) throws -> DoorFiles {
        let files = DoorFiles(hostKey: try PrivateKey.generate(.ed25519), doorKey: try DPoPKey())
        let file = { (name: String) in DurableFile("\(folder)/\(name)") }
        try file(hostKeyName).create(
            Array(files.hostKey.openSSHText(comment: "keyreeve door").utf8), mode: 0o600)
        try file(doorKeyName).create(files.doorKey.rawRepresentation, mode: 0o600)
        let lines = [
            ("\(hostKeyName).pub", files.hostKey.publicKey), (doorPublicName, files.doorKey.publicKey),
        ]
        for (name, key) in lines { try file(name).write(Array((key.text() + "\n").utf8), mode: 0o644) }
        return files
    }

    private static func checkPrivate(_ path: String) throws(DoorFault) {
        let access: FileAccess
        do { access = try DurableFile(path).access() } catch { throw DoorFault("\(error)") }
        guard access.isPrivate else { throw DoorFault("\(path) can be read by others: chmod 600 it") }
    }
}

/// Why the door cannot be opened; one sentence.
package struct DoorFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
