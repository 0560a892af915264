import CPosix
import Glibc

extension Folder {
    /// Bytes that this user may still write to the file system of the folder (statvfs(3)).
    ///
    /// - Throws: `EROFS` or `EACCES` where nothing may be written there at all; `ENOENT`.
    public func space() throws(PosixError) -> UInt64 {
        guard unsafe access(path, W_OK | X_OK) == 0 else { throw .last("access", path: path) }
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { throw .last("statvfs", path: path) }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(
            by: UInt64(status.f_frsize))
        return overflow ? .max : bytes
    }
}
