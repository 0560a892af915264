import CPosix
import Glibc

/// What a process that holds secrets takes away from itself.
public enum ProcessHardening {
    /// No core files, not readable or traceable by others of the same user, no new privileges, umask 077; and a crash ends
    /// the process at once.
    ///
    /// Swift's runtime would catch the crash, start another program and wait for it to print a backtrace. That program may
    /// not look into a process like this one, and the crashed one was seen to wait for ever: not answering, and not
    /// started again by anybody.
    ///
    /// - Throws: The first of these that the kernel refused; the process should not go on then.
    public static func apply() throws(PosixError) {
        try closeMemory()
        guard posix_no_new_privileges() == 0 else { throw .last("prctl(PR_SET_NO_NEW_PRIVS)") }
    }

    /// The same, but what it starts may gain privileges: PAM's modules run helpers that do (unix_chkpwd(8)).
    public static func closeMemory() throws(PosixError) {
        umask(0o077)
        for crash in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGQUIT] {
            _ = signal(crash, SIG_DFL)
        }
        guard posix_no_core() == 0 else { throw .last("setrlimit") }
        guard posix_set_dumpable(0) == 0 else { throw .last("prctl(PR_SET_DUMPABLE)") }
    }

    /// Bounds the memory that this process may write to; more is refused to it.
    public static func limitMemory(bytes: UInt64) throws(PosixError) {
        guard posix_limit_memory(bytes) == 0 else { throw .last("setrlimit") }
    }

    /// Becomes that user for good, with its one group; call before ``apply()``, since a change of user resets
    /// it.
    ///
    /// - Throws: `EPERM` when not root, or when root could be had again.
    public static func become(_ user: PosixUser) throws(PosixError) {
        guard posix_become(user.uid, user.gid) == 0 else { throw .last("setresuid") }
    }

    /// Ends this process (SIGKILL) as soon as its parent ends.
    ///
    /// - Parameter parent: The parent as known before; if it is gone already, `ESRCH` is thrown.
    public static func endWithParent(_ parent: Int32) throws(PosixError) {
        guard posix_die_with_parent(SIGKILL) == 0 else { throw .last("prctl(PR_SET_PDEATHSIG)") }
        guard getppid() == parent else { throw PosixError("getppid", code: ESRCH) }
    }

    /// What a child of this process leaves behind becomes a child of this process, however far it went away: none of it is lost
    /// sight of. Holds for each process that says so, not for those that it starts.
    public static func adoptOrphans() throws(PosixError) {
        guard posix_adopt_orphans() == 0 else { throw .last("prctl(PR_SET_CHILD_SUBREAPER)") }
    }

    /// The process that started this one.
    public static var parent: Int32 { getppid() }

    public static var isRoot: Bool { geteuid() == 0 }

    /// The effective user of this process.
    public static var currentUID: UInt32 { geteuid() }
}

/// A user of this machine (passwd(5)).
public struct PosixUser: Hashable, Sendable {
    public let uid: UInt32
    public let gid: UInt32

    public init(uid: UInt32, gid: UInt32) {
        self.uid = uid
        self.gid = gid
    }

    /// - Throws: `ENOENT` when there is no user of that name.
    public init(named name: String) throws(PosixError) {
        var uid: UInt32 = 0
        var gid: UInt32 = 0
        guard unsafe posix_user_named(name, &uid, &gid) == 0 else { throw .last("getpwnam", path: name) }
        self.init(uid: uid, gid: gid)
    }
}
