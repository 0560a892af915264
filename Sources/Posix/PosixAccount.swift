import Glibc

/// An account of this machine (passwd(5)), from whichever source the name service has.
public struct PosixAccount: Hashable, Sendable {
    public let name: String
    public let uid: UInt32
    public let home: String
    public let shell: String

    public init(name: String, uid: UInt32, home: String, shell: String) {
        self.name = name
        self.uid = uid
        self.home = home
        self.shell = shell
    }

    /// All accounts that the name service lists, in its order, each name once; directories may list none of theirs.
    ///
    /// One caller at a time: it is one list for the whole process (getpwent(3)).
    ///
    /// - Parameter limit: After so many it stops.
    public static func all(limit: Int = 10_000) -> [PosixAccount] {
        setpwent()
        defer { endpwent() }
        var found: [PosixAccount] = []
        var names: Set<String> = []
        while found.count < limit, let entry = unsafe getpwent() {
            guard let name = unsafe text(entry.pointee.pw_name), names.insert(name).inserted else { continue }
            found.append(
                PosixAccount(
                    name: name, uid: unsafe entry.pointee.pw_uid,
                    home: unsafe text(entry.pointee.pw_dir) ?? "/",
                    shell: unsafe text(entry.pointee.pw_shell) ?? ""))
        }
        return found
    }

    private static func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String? {
        guard let pointer = unsafe pointer else { return nil }
        return unsafe String(validatingCString: pointer)
    }
}
