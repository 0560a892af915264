import Posix
package import SSHFormats

/// The newest state ever accepted from one hostState key. It outlives the sets, so that a lost or damaged set does not let
/// an older one in. One line: `SHA256:… EPOCH-VERSION-ISSUEDAT`.
package enum HighWater {
    /// - Returns: nil for another key, or where none was accepted yet.
    /// - Throws: ``Fault`` `high-water-damaged`: what cannot be known is refused.
    package static func load(_ folder: AgentFolder, key: PublicKey) throws(Fault) -> StateVersion? {
        let bytes: [UInt8]?
        do { bytes = try DurableFile(folder.highWater).readIfPresent(limit: 1024) } catch {
            throw Fault("file", "\(error)")
        }
        guard let bytes else { return nil }
        let words = bytes.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
            .map { String(decoding: $0, as: UTF8.self) }
        guard words.count == 2, let print = words.first,
            let version = words.last.flatMap({ StateVersion($0) })
        else {
            throw Fault("high-water-damaged", "\(folder.highWater) is damaged; enrol again, or remove it")
        }
        return print == key.fingerprint.description ? version : nil
    }

    package static func save(_ version: StateVersion, _ folder: AgentFolder, key: PublicKey) throws(Fault) {
        let line = "\(key.fingerprint) \(version)\n"
        do { try DurableFile(folder.highWater).write(Array(line.utf8), mode: 0o600) } catch {
            throw Fault("file", "\(error)")
        }
    }
}
