import FoundationEssentials
import Glibc
import Posix
import SSHFormats
import Testing

@testable import HostAgent

/// A host of its own under /run, where root owns the path all the way up: an sshd configuration with host keys, an empty
/// drop-in folder, and the agent's folder. Everything goes when the test ends.
final class TestHost: Sendable {
    let path: String
    let settings: AgentSettings
    private let ownDisk: Bool
    var folder: AgentFolder { settings.folder }

    /// - Parameter disk: Size of a file system of its own for the agent's folder, as tmpfs(5) takes it.
    init(
        program: String = "/usr/bin/true", extra: String = "", includes: Bool = true, disk: String? = nil
    ) throws {
        path = "/run/keyreeve-test-\(UInt32.random(in: 0 ... .max))"
        try FileTree.make("/run/sshd")
        try FileTree.make(path + "/conf.d")
        try FileTree.make(path + "/data")
        ownDisk = disk != nil
        if let disk {
            let mounted = try Subprocess.run(
                "/usr/bin/mount", ["-t", "tmpfs", "-o", "mode=755,size=\(disk)", "tmpfs", path + "/data"])
            guard mounted.status == 0 else { throw Fault("mount", mounted.complaint) }
        }
        settings = AgentSettings(
            data: path + "/data", sshdConfig: path + "/sshd_config",
            dropIn: path + "/conf.d/00-keyreeve.conf",
            program: program)
        for (name, kind) in [("ed25519", PrivateKey.GenerableKind.ed25519), ("ecdsa", .ecdsaP256)] {
            let text = try PrivateKey.generate(kind).openSSHText()
            try DurableFile("\(path)/ssh_host_\(name)_key").write(Array(text.utf8))
        }
        try write("sshd_config", (includes ? "Include \(path)/conf.d/*.conf\n" : "") + configuration + extra)
    }

    deinit {
        if ownDisk { _ = try? Subprocess.run("/usr/bin/umount", ["--lazy", path + "/data"]) }
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Leaves so many pages of 4 KiB free on the disk of its own.
    func fill(leaving pages: Int) throws {
        let filler = path + "/data/filler"
        let page = [UInt8](repeating: 1, count: 4_096)
        let number = unsafe open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw PosixError("open", path: filler, code: errno) }
        defer { close(number) }
        var size = lseek(number, 0, SEEK_END)
        while unsafe page.withUnsafeBytes({ unsafe Glibc.write(number, $0.baseAddress, $0.count) })
            == page.count
        {
            size += off_t(page.count)
        }
        guard ftruncate(number, max(0, size - off_t(pages * page.count))) == 0 else {
            throw PosixError("ftruncate", path: filler, code: errno)
        }
    }

    func empty() throws { try DurableFile(path + "/data/filler").remove() }

    private var configuration: String {
        """
        PidFile \(path)/sshd.pid
        HostKey \(path)/ssh_host_ed25519_key
        HostKey \(path)/ssh_host_ecdsa_key
        UsePAM no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        PermitRootLogin yes
        AuthorizedKeysFile none

        """
    }

    func write(_ name: String, _ text: String) throws {
        try DurableFile(path + "/" + name).write(Array(text.utf8), mode: 0o644)
    }

    func installer(_ authority: FakeAuthority) -> StateInstaller {
        StateInstaller(settings: settings, host: FakeAuthority.hostName, key: authority.stateKey.publicKey)
    }

    func record(_ authority: FakeAuthority) -> EnrolmentRecord {
        EnrolmentRecord(
            server: "https://127.0.0.1:1", tlsRoot: nil, host: FakeAuthority.hostName,
            hostStateKey: authority.stateKey.publicKey.text(), hostCAKeys: [authority.hostCA.publicKey.text()]
        )
    }

    func keeper(
        _ authority: FakeAuthority, at time: UnixTime = FakeAuthority.time, patience: Duration = .seconds(10)
    ) -> HostKeeper {
        HostKeeper(
            settings: settings, record: record(authority), port: authority, patience: patience,
            now: { time })
    }

    func keys() throws -> [HostKey] { try HostKeys.find(SSHD(settings)).usable }

    /// The set in force, as it stands on the disk.
    func currentSet() -> [SetFile: [UInt8]] {
        var files: [SetFile: [UInt8]] = [:]
        for file in SetFile.allCases { files[file] = SetStore(folder: folder).read(file, limit: 1_000_000) }
        return files
    }

    func text(of path: String) -> String? {
        guard let bytes = try? DurableFile(path).readIfPresent(limit: 1_000_000) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The programs that were built beside this test program.
enum BuiltProgram {
    /// nil where it was not built.
    static func path(_ name: String) -> String? {
        guard let test = try? CurrentProcess.executable() else { return nil }
        let program = test.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/" + name
        return FileTree.exists(program) ? program : nil
    }
}

/// Whether this machine lets us play a host: sshd asks that root owns what it reads.
let isHost = ProcessHardening.isRoot && FileTree.exists("/usr/sbin/sshd")
