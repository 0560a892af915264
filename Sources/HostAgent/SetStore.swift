import Glibc
import Posix

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The sets of files under `ssh/sets`, of which the link `current` names the one in force.
///
/// A set is written aside, synced, renamed into place and only then named by `current`, in one rename: sshd never sees the
/// CA keys of one state with the KRL of another, and a crash at any moment leaves the last good set in force.
struct SetStore: Sendable {
    let folder: AgentFolder

    /// Puts a set in force.
    ///
    /// - Parameter name: Of its folder; where one of that name is taken, a number is appended.
    /// - Throws: ``Fault`` `file`; the set in force is then the one before.
    func install(_ files: [SetFile: [UInt8]], named name: String) throws(Fault) {
        do throws(PosixError) {
            try FileTree.make(folder.sets)
            let free = freeName(name)
            let temporary = folder.sets + "/.new"
            try remove(temporary)
            try FileTree.make(temporary)
            for (file, bytes) in files {
                try DurableFile(temporary + "/" + file.rawValue).write(bytes, mode: 0o644)
            }
            try FileTree.rename(temporary, to: folder.sets + "/" + free)
            if let old = FileTree.target(of: folder.current) {
                try FileTree.point(folder.previous, to: old)
            }
            try FileTree.point(folder.current, to: "sets/" + free)
        } catch {
            throw Fault("file", "\(error)")
        }
        prune()
    }

    /// Whether the set in force has exactly these files, unharmed.
    func holds(_ files: [SetFile: [UInt8]]) -> Bool {
        files.allSatisfy { file, bytes in read(file, limit: bytes.count) == bytes }
    }

    func read(_ file: SetFile, limit: Int) -> [UInt8]? {
        let path = folder.current + "/" + file.rawValue
        return (try? DurableFile(path).readIfPresent(limit: limit)) ?? nil
    }

    private func freeName(_ name: String) -> String {
        var free = name
        var number = 1
        while FileTree.exists(folder.sets + "/" + free) {
            free = "\(name).\(number)"
            number += 1
        }
        return free
    }

    /// Removes all sets but those that `current` and `previous` name. What cannot be removed does no harm.
    private func prune() {
        let kept = [folder.current, folder.previous].compactMap { FileTree.target(of: $0) }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.sets)) ?? []
        for name in names where !kept.contains("sets/" + name) {
            try? FileManager.default.removeItem(atPath: folder.sets + "/" + name)
        }
    }

    private func remove(_ path: String) throws(PosixError) {
        guard FileTree.exists(path) else { return }
        do { try FileManager.default.removeItem(atPath: path) } catch {
            throw PosixError("remove", path: path, code: EIO)
        }
    }
}
