import Foundation
import Posix
import SSHFormats
import Testing

/// SSH clients that are not ours, in Tests/Clients: each gets a login, a key and a certificate, and says `in …` or
/// `refused: …`. Docs/TESTING.md says what each of them does not check.
enum ForeignClient: String, CaseIterable {
    case openSSH, asyncssh, paramiko, libssh

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Clients").path

    /// Kinds of key whose certificates it can use.
    var keys: [String] { self == .asyncssh ? ["ed25519", "ecdsa"] : ["ed25519", "ecdsa", "rsa"] }

    /// Whether it looks at host certificates and `@cert-authority` lines.
    var checksHosts: Bool { self == .openSSH || self == .asyncssh }

    /// Whether it is installed; `make setup` sees to that where there is a network.
    var isPresent: Bool {
        switch self {
        case .openSSH: true
        case .asyncssh: exists("/usr/lib/python3/dist-packages/asyncssh")
        case .paramiko: exists("/usr/lib/python3/dist-packages/paramiko")
        case .libssh: exists("/usr/include/libssh/libssh.h")
        }
    }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}

/// Somebody with a key, a host to go to, and what is known of the host.
private struct Attempt {
    let host: EnrolledHost
    var login: String
    let key: String
    let certificate: String
    /// With the lines of the authority.
    var knownHosts: String
    var alias = "web1.example.com"

    func made(with client: ForeignClient, _ scratch: Scratch) async throws -> String {
        let hostKey = "\(host.folder)/ssh_host_ed25519_key.pub"
        let port = "\(host.port)"
        let ending: Program.Ending
        switch client {
        case .openSSH:
            let options = [
                "BatchMode=yes", "HostKeyAlias=\(alias)", "UserKnownHostsFile=\(knownHosts)",
                "GlobalKnownHostsFile=/dev/null", "StrictHostKeyChecking=yes", "IdentitiesOnly=yes",
                "CertificateFile=\(certificate)",
            ]
            ending = try await Program.run(
                "/usr/bin/ssh",
                ["-F", "none", "-p", port, "-i", key] + options.flatMap { ["-o", $0] } + [
                    "\(login)@127.0.0.1", "true",
                ], environment: ["SSH_AUTH_SOCK": ""])
            return ending.status == 255 ? "refused: \(ending.errors)" : "in"
        case .asyncssh:
            ending = try await Program.run(
                "/usr/bin/python3",
                [
                    "\(ForeignClient.folder)/asyncssh-login.py", port, login, key, certificate, knownHosts,
                    alias,
                ])
        case .paramiko:
            ending = try await Program.run(
                "/usr/bin/python3",
                ["\(ForeignClient.folder)/paramiko-login.py", port, login, key, certificate, hostKey])
        case .libssh:
            let line = "[127.0.0.1]:\(port) " + (try String(contentsOfFile: hostKey, encoding: .utf8))
            let known = try scratch.write(line, to: "plain_known_hosts")
            ending = try await Program.run(
                scratch.path("libssh-login"), [port, login, key, certificate, known])
        }
        try #require(ending.status == 0, "\(client): \(ending.output) \(ending.errors)")
        return ending.output
    }
}

@Suite(.servers, .enabled(if: ProcessHardening.isRoot, "sshd needs root")) struct `Clients of others` {
    private static let login = "daemon"

    @Test(
        .enabled(if: ForeignClient.allCases.allSatisfy(\.isPresent), "make setup installs all of them"),
        .timeLimit(.minutes(20)), arguments: ForeignClient.allCases)
    func `log in by certificate, and are refused what they should be`(_ client: ForeignClient) async throws {
        let house = try await Installation()
        let host = try await open(house)
        if client == .libssh { try await compile(house.scratch) }
        let known = "\(house.home)/known_hosts"

        for kind in client.keys {
            let key = try await newKey(kind, house)
            for (name, asked) in [
                ("day", ["--grant", "staging"]), ("one", ["--to", "web1.example.com", "--grant", "one"]),
            ] {
                let attempt = Attempt(
                    host: host, login: Self.login, key: key,
                    certificate: try await certificate(house, key, name, asked), knownHosts: known)
                let said = try await attempt.made(with: client, house.scratch)
                #expect(said.hasPrefix("in"), "\(kind), \(name): \(said)")
            }
        }

        let key = try await newKey("ed25519", house)
        var good = Attempt(
            host: host, login: Self.login, key: key,
            certificate: try await certificate(house, key, "good", ["--grant", "staging"]), knownHosts: known)
        try await expectRefusals(good, client, house)
        if client.checksHosts {
            good.alias = "db1.example.com"
            try await expectRefused(good, client, house, "a host that says it is another")
            good.alias = "web1.example.com"
            good.knownHosts = try await otherAuthority(house, known)
            try await expectRefused(good, client, house, "a host of another authority")
        }
    }

    /// Another login, another place, an expired and a revoked certificate.
    private func expectRefusals(
        _ good: Attempt, _ client: ForeignClient, _ house: Installation
    ) async throws {
        var asRoot = good
        asRoot.login = "root"
        try await expectRefused(asRoot, client, house, "another login")
        for (name, asked) in [
            ("elsewhere", ["--grant", "other"]), ("brief", ["--grant", "staging", "--for", "2s"]),
        ] {
            let path = try await certificate(house, good.key, name, asked)
            let end = try Certificate(text: String(contentsOfFile: path, encoding: .utf8)).validBefore.seconds
            if name == "brief" { try await until("it has expired") { WallClock.now() > end } }
            let attempt = Attempt(
                host: good.host, login: good.login, key: good.key, certificate: path,
                knownHosts: good.knownHosts)
            try await expectRefused(attempt, client, house, name)
        }
        #expect(try await good.made(with: client, house.scratch).hasPrefix("in"))
        let serial = try Certificate(text: String(contentsOfFile: good.certificate, encoding: .utf8)).serial
        let revoked = try await house.reeve("revoke", "--serial", "\(serial)", "--reason", "lost")
        #expect(revoked.status == 0, "\(revoked.errors)")
        try await until("the revoked one is refused") {
            try await good.made(with: client, house.scratch).hasPrefix("refused")
        }
    }

    private func expectRefused(
        _ attempt: Attempt, _ client: ForeignClient, _ house: Installation, _ why: String
    ) async throws {
        let said = try await attempt.made(with: client, house.scratch)
        #expect(said.hasPrefix("refused"), "\(why): \(said)")
    }

    private func open(_ house: Installation) async throws -> EnrolledHost {
        try await house.enrolAdmin()
        let policy = """
            grants:
              - {name: admins, who: [boss], to: [authority], as: [admin]}
              - {name: staging, who: [boss], to: [label:env=staging], as: [\(Self.login)]}
              - {name: one, who: [boss], to: [host:web1.example.com], as: [\(Self.login)], scope: connection}
              - {name: other, who: [boss], to: [label:env=other], as: [\(Self.login)]}
            """
        let applied = try await house.reeve(
            "policy", "apply", try house.scratch.write(policy, to: "policy.yaml"))
        #expect(applied.status == 0, "\(applied.errors)")
        let host = try await EnrolledHost(
            house, name: "web1.example.com", labels: ["env=staging"], login: Self.login)
        #expect(try await house.reeve("host", "add", "db1.example.com", "--label", "env=other").status == 0)
        // Writes what is known of the hosts.
        #expect(try await house.reeve("login", "--if-needed").status == 0)
        return host
    }

    private func newKey(_ kind: String, _ house: Installation) async throws -> String {
        let path = house.scratch.path("\(kind)-\(UUID().uuidString)")
        let bits = kind == "rsa" ? ["-b", "3072"] : []
        let made = try await Program.run(
            "/usr/bin/ssh-keygen", ["-q", "-t", kind, "-N", "", "-f", path] + bits)
        try #require(made.status == 0, "\(made.errors)")
        return path
    }

    private func certificate(
        _ house: Installation, _ key: String, _ name: String, _ asked: [String]
    ) async throws -> String {
        let path = "\(key)-\(name)-cert.pub"
        let issued = try await house.reeve(
            ["cert", "--as", Self.login, "-k", "\(key).pub", "-o", path] + asked)
        try #require(issued.status == 0, "\(issued.errors)")
        return path
    }

    /// The same file of known hosts with the key of somebody else in it.
    private func otherAuthority(_ house: Installation, _ known: String) async throws -> String {
        let key = try PrivateKey.generate(.ecdsaP256).publicKey.text()
        let text = try String(contentsOfFile: known, encoding: .utf8)
        let lines = text.split(separator: "\n").map { line in
            line.hasPrefix("#")
                ? String(line) : line.split(separator: " ").prefix(2).joined(separator: " ") + " " + key
        }
        return try house.scratch.write(lines.joined(separator: "\n") + "\n", to: "other_known_hosts")
    }

    private func compile(_ scratch: Scratch) async throws {
        let built = try await Program.run(
            "/bin/sh",
            [
                "-c", #"exec "$(command -v cc || command -v clang)" -Wall -Werror -o "$1" "$0" -lssh"#,
                "\(ForeignClient.folder)/libssh-login.c", scratch.path("libssh-login"),
            ])
        try #require(built.status == 0, "\(built.errors)")
    }
}
