import Glibc

/// `reeve-principals`, which answers sshd's AuthorizedPrincipalsCommand. sshd runs it twice per login, so it is a small
/// program of its own; it stands beside `reeve-agent`.
package enum PrincipalsProgram {
    /// Its absolute path, as sshd has to call it; links are resolved.
    package static var path: String { folder + "/reeve-principals" }

    private static var folder: String {
        guard let real = unsafe realpath("/proc/self/exe", nil) else { return "" }
        defer { unsafe free(real) }
        let path = unsafe String(validatingCString: real) ?? ""
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return String(path[..<slash])
    }

    /// Whether sshd may run it and would.
    ///
    /// - Throws: ``Fault`` `principals-missing`; `path-unsafe`, as ``SafePath/check(_:)``.
    static func check(_ path: String) throws(Fault) {
        guard unsafe access(path, X_OK) == 0 else {
            throw Fault(
                "principals-missing",
                "there is no program \(path), which sshd has to run; install reeve-principals beside reeve-agent"
            )
        }
        try SafePath.check(path)
    }

    /// Becomes it; returns only if that fails.
    package static func become(_ arguments: [String]) -> Fault {
        let path = path
        var list: [UnsafeMutablePointer<CChar>?] = unsafe ([path] + arguments).map { unsafe strdup($0) }
        unsafe list.append(nil)
        defer {
            while let text = unsafe list.popLast() { unsafe free(text) }
        }
        _ = unsafe execv(path, list)
        return Fault(
            "principals-missing",
            "\(path) cannot be run (\(unsafe String(cString: strerror(errno)))); install it beside reeve-agent"
        )
    }
}
