import Glibc

extension CurrentProcess {
    /// Lets go of the home folder of whoever started the program: another user may not even look into it, and libraries
    /// that find no `HOME` ask passwd(5). Before any other thread is started.
    public static func leaveHome() { _ = unsafe unsetenv("HOME") }

    /// Runs this program anew in this very process, with the same arguments and environment. Returns only by throwing.
    ///
    /// After a change of user it makes sure that no thread keeps the old one: a main thread that has ended while
    /// others go on still shows its former user.
    ///
    /// - Throws: What execv(3) says.
    public static func restart(_ arguments: [String]) throws(PosixError) -> Never {
        let path = try executable()
        var list = unsafe arguments.map { unsafe strdup($0) }
        unsafe list.append(nil)
        _ = unsafe execv(path, list)
        let error = PosixError.last("execv", path: path)
        while let text = unsafe list.popLast() { unsafe free(text) }
        throw error
    }
}
