import Foundation
import Glibc

/// OpenSSH's sshd, for one connection at a time, without a port: what does it say of the lines of authorized_keys?
struct RealSSHD {
    private let keygen: SSHKeygen

    /// sshd lets nobody else become another user.
    static var isAvailable: Bool {
        geteuid() == 0 && FileManager.default.fileExists(atPath: "/usr/sbin/sshd")
    }

    init() throws {
        keygen = try SSHKeygen()
        for name in ["host", "me"] { try keygen.run(["-q", "-t", "ed25519", "-N", "", "-f", name]) }
        let folder = keygen.folder.path
        try keygen.write(
            """
            HostKey \(folder)/host
            AuthorizedKeysFile \(folder)/keys
            StrictModes no
            UsePAM no
            LogLevel DEBUG3
            PermitRootLogin yes

            """, to: "config")
        try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
    }

    /// Whether sshd takes each of these lines: it finds a key in it and knows its options.
    func takes(_ lines: [String]) throws -> [Bool] {
        let folder = keygen.folder.path
        try keygen.write(lines.map { $0 + "\n" }.joined(), to: "keys")
        try? FileManager.default.removeItem(atPath: "\(folder)/log")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/ssh")
        process.arguments =
            ["-F", "none", "-i", "\(folder)/me"]
            + [
                "BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null",
                "IdentitiesOnly=yes",
                "ProxyCommand=/usr/sbin/sshd -i -f \(folder)/config -E \(folder)/log",
            ].flatMap { ["-o", $0] } + ["root@nowhere", "true"]
        process.environment = ["TZ": "UTC", "PATH": "/usr/bin:/bin", "HOME": folder]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let log = try String(contentsOf: URL(filePath: "\(folder)/log"), encoding: .utf8)
        var taken = [Bool](repeating: true, count: lines.count)
        for row in log.split(whereSeparator: \.isNewline) {
            guard let place = row.range(of: "\(folder)/keys:"),
                let number = Int(row[place.upperBound...].prefix { $0 != ":" })
            else { continue }
            let said = row[place.upperBound...].drop { $0 != ":" }
            if [": bad", ": advance", ": invalid"].contains(where: said.hasPrefix) {
                taken[number - 1] = false
            }
        }
        guard log.contains("processed \(lines.count)/") else { throw POSIXError(.EIO) }
        return taken
    }
}
