import Glibc
import Posix
import SSHFormats

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where sshd writes down which certificate it accepted.
package enum SSHDLog: Hashable, Sendable {
    /// The journal of systemd. Who wrote a line there is known from the kernel.
    case journal(program: String)
    /// A file that sshd writes itself (`sshd -E`), and that nobody but root may write to.
    case file(String)

    /// The journal where there is one.
    package static var usual: SSHDLog? {
        let program = "/usr/bin/journalctl"
        guard FileTree.exists("/run/systemd/journal/socket"), FileTree.exists(program) else { return nil }
        return .journal(program: program)
    }

    /// All logins since then that it still knows, in their order.
    ///
    /// - Throws: ``Fault`` `sessions-unknown`.
    func logins(since: UnixTime) throws(Fault) -> [AcceptedLogin] {
        switch self {
        case .journal(let program): try Self.journal(program, since: since)
        case .file(let path): try Self.logins(in: path)
        }
    }

    private struct JournalLine: Decodable {
        let message: String?
        let pid: String?

        enum CodingKeys: String, CodingKey { case message = "MESSAGE", pid = "_PID" }
    }

    /// Lines of root's own sshd: what others write under its name has their user id.
    private static func journal(_ program: String, since: UnixTime) throws(Fault) -> [AcceptedLogin] {
        let outcome: Subprocess.Outcome
        do throws(PosixError) {
            outcome = try Subprocess.run(
                program,
                [
                    "--no-pager", "--quiet", "--output=json", "--output-fields=MESSAGE,_PID",
                    "--since=@\(since.seconds)", "--grep=^(Accepted|Partial) ",
                    "--case-sensitive=yes", "_UID=0", "_COMM=sshd", "_COMM=sshd-session",
                ])
        } catch {
            throw Fault("sessions-unknown", "journalctl: \(error)")
        }
        // journalctl ends with 1 where it finds nothing.
        guard outcome.status == 0 || outcome.status == 1 && outcome.output.isEmpty else {
            throw Fault("sessions-unknown", "journalctl: \(outcome.complaint)")
        }
        let decoder = JSONDecoder()
        return outcome.output.split(separator: UInt8(ascii: "\n")).compactMap { bytes in
            guard let line = try? decoder.decode(JournalLine.self, from: Data(bytes)),
                let message = line.message, let pid = line.pid.flatMap({ Int32($0) })
            else { return nil }
            return AcceptedLogin(message, pid: pid)
        }
    }

    /// Up to 64 MiB of it.
    private static func logins(in path: String) throws(Fault) -> [AcceptedLogin] {
        let bytes: [UInt8]
        do throws(PosixError) {
            let file = DurableFile(path)
            let access = try file.access()
            guard [0, ProcessHardening.currentUID].contains(access.uid), access.permissions & 0o022 == 0
            else {
                throw PosixError("read", path: path, code: EPERM)
            }
            bytes = try file.read(limit: 67_108_864)
        } catch {
            throw Fault("sessions-unknown", "\(error): a log of sshd's own that root alone may write to")
        }
        return bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
            .filter { $0.starts(with: Array("Accepted ".utf8)) || $0.starts(with: Array("Partial ".utf8)) }
            .compactMap { AcceptedLogin(String(decoding: $0, as: UTF8.self)) }
    }
}
