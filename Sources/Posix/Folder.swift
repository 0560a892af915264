import CPosix
import Glibc

/// A folder of the file system.
public struct Folder: Hashable, Sendable {
    public let path: String

    public init(_ path: String) { self.path = path }

    /// Makes the folder, and those above it, where missing; one that exists keeps its mode.
    ///
    /// - Throws: `ENOTDIR` when something else has that name.
    public func make(mode: UInt32 = 0o700) throws(PosixError) {
        for end in path.indices.dropFirst() where path[end] == "/" {
            try make(String(path[..<end]), mode: mode)
        }
        try make(path, mode: mode)
        _ = try Descriptor.open(path, O_RDONLY | O_DIRECTORY)
    }

    private func make(_ path: String, mode: UInt32) throws(PosixError) {
        guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else { throw .last("mkdir", path: path) }
    }
}
