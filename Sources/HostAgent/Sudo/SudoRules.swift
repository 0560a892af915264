import CPosix
import Glibc
import Posix

/// The drop-in of sudoers(5) for members of the groups.
enum SudoRules {
    private static let mark = "# Written by reeve-agent; changes are lost. See pam_reeve(8)."

    static func areOurs(_ bytes: [UInt8]) -> Bool { bytes.starts(with: Array(mark.utf8)) }

    /// sudo would not ask again for 15 minutes, nor for NOPASSWD, nor with -n: each would go around the certificate, or be
    /// refused with a good one.
    static func text(for groups: [String]) -> String {
        let lines = groups.map {
            "Defaults:%\($0) timestamp_timeout=0, pam_acct_mgmt, noninteractive_auth, passwd_tries=1"
        }
        return ([mark] + lines).joined(separator: "\n") + "\n"
    }
}

/// A group whose members need a certificate.
enum SudoGroup {
    /// - Throws: ``Fault`` `sudo-group`: not there, not a plain name, or with root in it.
    static func check(_ name: String) throws(Fault) {
        let bytes = Array(name.utf8)
        let isPlain = bytes.allSatisfy {
            SafePath.isPlain($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "+")
        }
        guard isPlain, (1...32).contains(bytes.count), bytes.first != UInt8(ascii: "-") else {
            throw Fault("sudo-group", "\(name) is not the name of a group")
        }
        var holdsRoot: Int32 = 0
        guard unsafe posix_group_holds_root(name, &holdsRoot) == 0 else {
            throw Fault("sudo-group", "there is no group \(name) on this host")
        }
        guard holdsRoot == 0 else {
            throw Fault("sudo-group", "root is in \(name): a host that nobody can mend is not made")
        }
    }
}

/// The module, where `make install` puts it.
enum PAMModuleFile {
    private static let places = ["x86_64-linux-gnu/", "aarch64-linux-gnu/", ""].flatMap { kind in
        ["/usr/lib/", "/usr/local/lib/"].map { $0 + kind + "security/pam_reeve.so" }
    }

    /// As a line of pam.d names it: by its whole path, so that no other can take its place.
    ///
    /// - Parameter chosen: Its path, where somebody says it.
    /// - Throws: ``Fault`` `sudo-module`, `path-unsafe`.
    static func path(_ chosen: String?) throws(Fault) -> String {
        guard let path = (chosen.map { [$0] } ?? places).first(where: FileTree.exists) else {
            throw Fault("sudo-module", "there is no \(chosen ?? "pam_reeve.so below /usr"): install it")
        }
        try SafePath.check(path)
        return path
    }
}

/// Whether an agent answers pam_reeve.
enum ModuleProbe {
    /// A question of no known type, to which every agent says no.
    static func isAnswering(_ socket: String) -> Bool {
        let deadline = Deadline.after(milliseconds: 5_000)
        guard let connection = try? UnixConnection.connect(socket),
            (try? connection.peer().uid) == 0,
            (try? connection.write([0, 0, 0, 1, 0], deadline: deadline)) != nil,
            let head = try? connection.read(exactly: 5, deadline: deadline)
        else { return false }
        return head.last == 2
    }
}
