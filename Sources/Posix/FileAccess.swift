import Glibc

/// Who owns a file and what its type and permission bits are (stat(2)).
public struct FileAccess: Hashable, Sendable {
    public let uid: UInt32
    public let gid: UInt32
    /// `st_mode`: type and permission bits.
    public let mode: UInt32

    /// The permission bits alone.
    public var permissions: UInt32 { mode & 0o7777 }

    public var isRegularFile: Bool { mode & S_IFMT == S_IFREG }
    public var isFolder: Bool { mode & S_IFMT == S_IFDIR }
    public var isSymbolicLink: Bool { mode & S_IFMT == S_IFLNK }
    public var isSocket: Bool { mode & S_IFMT == S_IFSOCK }

    /// True when neither group nor others may read or write.
    public var isPrivate: Bool { permissions & 0o077 == 0 }
}
