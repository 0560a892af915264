import CPosix
import Glibc
import Posix

/// The few acts on folders and links that sets are made of; each is on the disk when it returns.
enum FileTree {
    static func rename(_ old: String, to new: String) throws(PosixError) {
        guard unsafe Glibc.rename(old, new) == 0 else { throw PosixError("rename", path: new, code: errno) }
        try sync(folderOf: new)
    }

    /// Makes `link` point to `target`, whatever it was before, in one step.
    static func point(_ link: String, to target: String) throws(PosixError) {
        let temporary = link + ".new"
        guard unsafe unlink(temporary) == 0 || errno == ENOENT else {
            throw PosixError("unlink", path: temporary, code: errno)
        }
        guard unsafe symlink(target, temporary) == 0 else {
            throw PosixError("symlink", path: temporary, code: errno)
        }
        try rename(temporary, to: link)
    }

    /// Where a symbolic link points to; nil where there is none.
    static func target(of link: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return -1 }
            return unsafe readlink(link, start, bytes.count)
        }
        guard count > 0, count < buffer.count else { return nil }
        return String(validating: buffer.prefix(count), as: UTF8.self)
    }

    static func sync(folderOf path: String) throws(PosixError) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex
        try sync(folder: slash == path.startIndex ? "/" : String(path[..<slash]))
    }

    static func sync(folder: String) throws(PosixError) {
        let number = unsafe posix_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard number >= 0 else { throw PosixError("open", path: folder, code: errno) }
        defer { close(number) }
        guard fsync(number) == 0 else { throw PosixError("fsync", path: folder, code: errno) }
    }

    /// Makes the folder, and those above it, readable by all; one that exists keeps its mode.
    static func make(_ path: String) throws(PosixError) {
        let old = umask(0o022)
        defer { umask(old) }
        try Folder(path).make(mode: 0o755)
    }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}
