import Glibc
import Posix

/// sshd runs a command, and we trust a folder, only where nobody but root can put another in its place: root owns every
/// part of the path, and neither group nor others may write to one.
package enum SafePath {
    /// - Parameter path: Absolute, of letters, digits and `/._+-` alone, since it goes into sshd_config unquoted.
    /// - Throws: ``Fault`` `path-unsafe`, with the part that is at fault.
    package static func check(_ path: String) throws(Fault) {
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.allSatisfy(isPlain) else {
            throw Fault(
                "path-unsafe", "\(path): must be absolute and have only letters, digits and /._+- in it")
        }
        guard let real = resolved(path) else { throw Fault("path-unsafe", "\(path): no such file or folder") }
        for part in parts(of: real) + parts(of: path) { try checkOne(part) }
    }

    /// Whether everybody may enter the folder: what stands in it is read by the user of the principals command.
    ///
    /// - Throws: ``Fault`` `path-closed`, with the part that is at fault.
    package static func checkOpen(_ folder: String) throws(Fault) {
        for part in parts(of: resolved(folder) ?? folder) {
            let access: FileAccess
            do { access = try DurableFile(part).access() } catch { throw Fault("path-closed", "\(error)") }
            guard access.permissions & 0o001 != 0 else {
                throw Fault(
                    "path-closed", "\(part) must have mode 0755: an unprivileged user reads what is inside")
            }
        }
    }

    private static func checkOne(_ part: String) throws(Fault) {
        let access: FileAccess
        do { access = try DurableFile(part).access() } catch { throw Fault("path-unsafe", "\(error)") }
        guard access.uid == 0 else {
            throw Fault("path-unsafe", "\(part) belongs to user \(access.uid); it must belong to root")
        }
        guard access.mode & S_IFMT == S_IFLNK || access.permissions & 0o022 == 0 else {
            throw Fault("path-unsafe", "\(part) can be written by others than root; sshd refuses such a path")
        }
    }

    /// `/`, `/usr`, `/usr/bin`, …
    static func parts(of path: String) -> [String] {
        var parts = ["/"]
        for name in path.utf8.split(separator: UInt8(ascii: "/")) {
            let last = parts.last ?? "/"
            parts.append((last == "/" ? "" : last) + "/" + String(decoding: name, as: UTF8.self))
        }
        return parts
    }

    static func resolved(_ path: String) -> String? {
        guard let real = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(real) }
        return unsafe String(validatingCString: real)
    }

    static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
