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

    /// How many files this user may still make there; nil where the file system does not count them.
    public func filesLeft() throws(PosixError) -> UInt64? {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { throw .last("statvfs", path: path) }
        return status.f_files == 0 ? nil : UInt64(status.f_favail)
    }

    /// Names of what is in it, without `.` and `..`, in order.
    public func names() throws(PosixError) -> [String] {
        guard let folder = unsafe opendir(path) else { throw .last("opendir", path: path) }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
