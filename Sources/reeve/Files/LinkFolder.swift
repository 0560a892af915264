import Glibc
import Posix

/// Symbolic links and lists of names in one folder.
struct LinkFolder {
    let path: String

    /// The names in it, `.` and `..` left out; none if there is no such folder.
    func names() throws -> [String] {
        guard let folder = unsafe opendir(path) else {
            guard errno == ENOENT else { throw PosixError("opendir", path: path, code: errno) }
            return []
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Makes or replaces a link, never leaving a moment without one.
    func link(_ name: String, to target: String) throws {
        let temporary = "\(path)/.\(UInt64.random(in: 0 ... .max)).new"
        guard unsafe symlink(target, temporary) == 0 else {
            throw PosixError("symlink", path: temporary, code: errno)
        }
        guard unsafe rename(temporary, "\(path)/\(name)") == 0 else {
            let error = PosixError("rename", path: "\(path)/\(name)", code: errno)
            _ = unsafe unlink(temporary)
            throw error
        }
    }

    /// Where a link points to; nil if there is none.
    static func target(of path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            guard let base = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return 0 }
            return unsafe readlink(path, base, bytes.count)
        }
        guard count > 0 else { return nil }
        return String(validating: buffer.prefix(count), as: UTF8.self)
    }

    /// Removes a file or link; it is no error when there is none.
    func remove(_ name: String) throws {
        guard unsafe unlink("\(path)/\(name)") == 0 || errno == ENOENT else {
            throw PosixError("unlink", path: "\(path)/\(name)", code: errno)
        }
    }
}
