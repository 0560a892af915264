import CPosix
import Glibc

/// A file that is whole at any moment: a reader, or a restart after a power cut, sees the old bytes or the
/// new.
public struct DurableFile: Hashable, Sendable {
    public let path: String

    public init(_ path: String) { self.path = path }

    /// What to do when the last part of the path is a symbolic link.
    public enum SymbolicLinks: Sendable { case follow, refuse }

    /// Replaces the content: temporary file in the same folder, fsync, rename, fsync of the folder.
    ///
    /// A device, pipe or socket of that name is left alone: the rename would take its place for everybody.
    ///
    /// - Parameter mode: Permission bits, in force before the first byte is written; the umask does not
    ///   count.
    /// - Throws: `EINVAL` when the name is that of neither a regular file nor a symbolic link.
    public func write(_ bytes: [UInt8], mode: UInt32 = 0o600) throws(PosixError) {
        try refuseSpecial()
        let folder = try Descriptor.open(folderPath, O_RDONLY | O_DIRECTORY)
        let temporary = try writeTemporary(bytes, mode: mode, in: folder)
        guard unsafe renameat(folder.number, temporary, folder.number, name) == 0 else {
            throw discard(temporary, in: folder, PosixError.last("rename", path: path))
        }
        try folder.sync(path: folderPath)
    }

    /// Like ``write(_:mode:)``, but never replaces: of two callers one wins.
    ///
    /// - Throws: `EEXIST` when the file is there.
    public func create(_ bytes: [UInt8], mode: UInt32 = 0o600) throws(PosixError) {
        let folder = try Descriptor.open(folderPath, O_RDONLY | O_DIRECTORY)
        let temporary = try writeTemporary(bytes, mode: mode, in: folder)
        guard unsafe linkat(folder.number, temporary, folder.number, name, 0) == 0 else {
            throw discard(temporary, in: folder, PosixError.last("link", path: path))
        }
        _ = unsafe unlinkat(folder.number, temporary, 0)
        try folder.sync(path: folderPath)
    }

    /// The whole content of a regular file.
    ///
    /// - Parameter limit: Most bytes accepted.
    /// - Throws: `ENOENT`; `EFBIG` above the limit; `ELOOP` for a refused link; `EINVAL` if not a regular
    ///   file.
    public func read(
        limit: Int, symbolicLinks: SymbolicLinks = .refuse
    ) throws(PosixError) -> [UInt8] {
        let refuse = symbolicLinks == .refuse ? O_NOFOLLOW : 0
        let file = try Descriptor.open(path, O_RDONLY | O_NONBLOCK | refuse)
        guard try file.status(path: path).st_mode & S_IFMT == S_IFREG else {
            throw PosixError("open", path: path, code: EINVAL)
        }
        return try file.readAll(limit: limit, path: path)
    }

    /// The content, or nil when there is no such file; any other fault is thrown.
    public func readIfPresent(
        limit: Int, symbolicLinks: SymbolicLinks = .refuse
    ) throws(PosixError) -> [UInt8]? {
        do { return try read(limit: limit, symbolicLinks: symbolicLinks) } catch {
            guard error.isAbsent else { throw error }
            return nil
        }
    }

    /// Owner, group and permission bits of the file; a symbolic link is not followed.
    public func access() throws(PosixError) -> FileAccess {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { throw .last("lstat", path: path) }
        return FileAccess(uid: status.st_uid, gid: status.st_gid, mode: status.st_mode)
    }

    /// Length in bytes; a symbolic link is not followed.
    public func size() throws(PosixError) -> Int64 {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { throw .last("lstat", path: path) }
        return Int64(status.st_size)
    }

    /// When the content was written last, seconds since 1970 UTC; a symbolic link is not followed.
    public func modified() throws(PosixError) -> UInt64 {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { throw .last("lstat", path: path) }
        return UInt64(max(0, status.st_mtim.tv_sec))
    }

    /// Nothing when the name is free or may be replaced.
    ///
    /// - Throws: `EINVAL` for a device, pipe, socket or folder.
    public func refuseSpecial() throws(PosixError) {
        let held: FileAccess
        do { held = try access() } catch {
            guard error.isAbsent else { throw error }
            return
        }
        guard held.isRegularFile || held.isSymbolicLink else {
            throw PosixError("replace", path: path, code: EINVAL)
        }
    }

    /// Removes the file durably; it is no error when there is none.
    public func remove() throws(PosixError) {
        let folder = try Descriptor.open(folderPath, O_RDONLY | O_DIRECTORY)
        guard unsafe unlinkat(folder.number, name, 0) == 0 || errno == ENOENT else {
            throw .last("unlink", path: path)
        }
        try folder.sync(path: folderPath)
    }

    private func writeTemporary(
        _ bytes: [UInt8], mode: UInt32, in folder: Descriptor
    ) throws(PosixError) -> String {
        let temporary = ".\(name).\(UInt64.random(in: 0 ... .max)).new"
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = try Descriptor(
            retry { unsafe posix_openat(folder.number, temporary, flags, 0o600) }, "create", path: path)
        do throws(PosixError) {
            guard fchmod(file.number, mode) == 0 else { throw PosixError.last("fchmod", path: path) }
            try file.write(bytes, path: path)
            try file.sync(path: path)
        } catch {
            throw discard(temporary, in: folder, error)
        }
        return temporary
    }

    private func discard(_ temporary: String, in folder: Descriptor, _ error: PosixError) -> PosixError {
        _ = unsafe unlinkat(folder.number, temporary, 0)
        return error
    }

    private var name: String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(path[path.index(after: slash)...])
    }

    private var folderPath: String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
