import CPosix

/// What a server process may still ask of the kernel (seccomp(2)).
public enum SystemCallFilter {
    /// Which threads are held to it; those that they start later are too.
    public enum Threads: Sendable { case all, thisOne }

    /// Leaves this process, on all its threads and for good, a short list of system calls: it answers on sockets that
    /// it listens on, and reads and replaces files. It can start no program and no process, open no further socket, trace
    /// nobody and map no memory for execution.
    ///
    /// Any other call ends the process at once (SIGSYS): whoever got in has no second try, and the kernel's audit log
    /// tells of it. An error in its place would let an intruder probe.
    ///
    /// - Precondition: ``ProcessHardening/apply()`` went before: only who can gain no privileges may filter.
    /// - Throws: `ENOSYS` on machines that the list is not written for; `EINVAL` on kernels without filters.
    public static func confineServer(_ threads: Threads = .all) throws(PosixError) {
        guard posix_filter_server(threads == .all ? 1 : 0) == 0 else { throw .last("seccomp") }
    }

    /// The same for a process that faces a stranger, and asks one server for them: it may look up names, connect by IP and
    /// read files. It can start no program and no process, listen nowhere, reach no Unix socket, write no file, trace
    /// nobody, and run no code that was not in a file. What libraries are known to try gets an error; any other call ends it.
    ///
    /// - Precondition: As for ``confineServer(_:)``.
    /// - Throws: As ``confineServer(_:)``.
    public static func confineWorker(_ threads: Threads = .all) throws(PosixError) {
        guard posix_filter_worker(threads == .all ? 1 : 0) == 0 else { throw .last("seccomp") }
    }
}
