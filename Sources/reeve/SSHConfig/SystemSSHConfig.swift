import AuthorityAPI
import AuthorityClient
import Glibc
import Posix
import SSHFormats

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `reeve ssh-config --system`: three files that make ssh know the hosts, for all users of a machine.
struct SystemSSHConfig {
    /// Read by the ssh_config of Debian, Fedora and macOS.
    static let standardFolder = "/etc/ssh/ssh_config.d"

    struct File {
        let path: String
        let bytes: [UInt8]
    }

    private let folder: String
    private let config: String
    private let knownHosts: String
    /// In the order in which they must come to be: ssh refuses every host when a file is missing that
    /// `RevokedHostKeys` names.
    let files: [File]

    /// - Parameter folder: Taken from where the process stands if it is not absolute: ssh wants absolute names.
    init(_ facts: Facts, folder: String) throws {
        let folder = try Self.absolute(folder)
        self.folder = folder
        let text = try SystemSSHConfigText(folder: folder)
        config = text.block(
            for: facts.hosts, door: facts.door, fetch: try SSHFetchCommand.ours(state: nil))
        knownHosts = try KnownHostsText(
            hosts: facts.hosts, hostCAKeys: facts.hostCAKeys, door: facts.door
        ).text
        files = [
            File(path: "\(folder)/\(SystemSSHConfigText.revokedHostsName)", bytes: facts.hostKRL),
            File(path: "\(folder)/\(SystemSSHConfigText.knownHostsName)", bytes: Array(knownHosts.utf8)),
            File(path: "\(folder)/\(SystemSSHConfigText.configName)", bytes: Array(config.utf8)),
        ]
    }

    /// Writes what is not there yet; everybody may read it, whatever the umask.
    func install() throws {
        let isNew = unsafe Glibc.access(folder, F_OK) != 0
        try Folder(folder).make(mode: 0o755)
        if isNew, unsafe chmod(folder, 0o755) != 0 { throw PosixError("chmod", path: folder, code: errno) }
        for file in files {
            let old = DurableFile(file.path)
            let isReadable = (try? old.access())?.permissions == 0o644
            guard !isReadable || (try? old.read(limit: 16 << 20)) != file.bytes else { continue }
            try old.write(file.bytes, mode: 0o644)
        }
    }

    /// What would be written: the configuration, and the lines of known hosts as remarks of it.
    var preview: [String] {
        let lines = knownHosts.split(separator: "\n").map { "#   \($0)" }
        return [
            config,
            "# Nothing was written. The files that this names must stand before it does: see --into.",
            "# \(folder)/\(SystemSSHConfigText.knownHostsName):",
        ] + lines
    }

    struct Report: Encodable {
        let config: String
        let knownHosts: String
        /// Base64.
        let revokedHostKeys: String
        /// Where they go, in this order.
        let files: [String]
    }

    var report: Report {
        Report(
            config: config, knownHosts: knownHosts,
            revokedHostKeys: files.first.map { Data($0.bytes).base64EncodedString() } ?? "",
            files: files.map(\.path))
    }

    private static func absolute(_ path: String) throws -> String {
        guard !path.hasPrefix("/") else {
            return path.utf8.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        }
        guard let here = unsafe getcwd(nil, 0) else { throw PosixError("getcwd", code: errno) }
        defer { unsafe free(here) }
        return try absolute(unsafe String(cString: here) + "/" + path)
    }
}

extension SystemSSHConfig {
    /// What the authority says of all active hosts.
    struct Facts {
        let hosts: [KnownHost]
        let hostCAKeys: [String]
        let hostKRL: [UInt8]
        /// The front door, if there is one.
        let door: KnownDoor?

        /// - Throws: ``ClientError`` when the caller may not list hosts.
        init(_ connection: AuthorityConnection) async throws {
            let active = try await connection.identities("host").filter { $0.status == "active" }
            let shared = Set(active.flatMap(\.labels).filter { $0.hasPrefix("name=") }).sorted()
            let told =
                active.map { ($0.name, $0.aliases, $0.addresses) }
                + shared.map { (String($0.dropFirst(5)), [], []) }
            hosts = try told.map { name, aliases, addresses in
                try KnownHost(
                    ReachReply.Host(name: name, aliases: aliases, addresses: addresses, logins: []))
            }
            let (authority, _) = try await connection.call(.authority, as: AuthorityInfo.self)
            hostCAKeys = authority.hostCAKeys
            door = try authority.door.map { door in try KnownDoor(door) }
            hostKRL = try await connection.bytes(.hostKRL).0
            _ = try KRL(bytes: hostKRL)
        }
    }
}
