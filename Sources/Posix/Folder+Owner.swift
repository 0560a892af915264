import Glibc

extension Folder {
    /// Gives the folder itself, not what is in it, to a user and their group. For root only.
    ///
    /// - Throws: `EPERM` when not root.
    public func give(to user: PosixUser) throws(PosixError) {
        guard unsafe lchown(path, user.uid, user.gid) == 0 else { throw .last("lchown", path: path) }
    }
}
