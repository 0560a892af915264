import Foundation
import TestKit

/// An identity provider that is not ours, in Tests/Clients: alice and bob, of whom alice is in the group web.
final class Canaille: Sendable {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    /// Where `make setup` puts it, if there is a network.
    static let python = "\(root)/.build/python-oidc/bin/python"

    /// Whether it, and a browser, are installed.
    static var isPresent: Bool {
        ["\(root)/.build/python-oidc/bin/canaille", "/usr/bin/chromium", "/usr/bin/chromedriver"]
            .allSatisfy(FileManager.default.fileExists)
    }

    let scratch = Scratch()
    let port: Int
    /// What it takes as a port of the client.
    let redirectPort: Int
    private let running = Running()

    var issuer: String { "http://localhost:\(port)" }

    /// - Parameters:
    ///   - algorithm: Of its ID tokens.
    ///   - site: Of an authority whose own page browsers may come back to.
    init(signing algorithm: String, site: String? = nil) async throws {
        port = try FreePort.find()
        redirectPort = try FreePort.find()
        try running.start(
            Self.python,
            [
                "\(Self.root)/Tests/Clients/canaille-provider.py", scratch.folder, "\(port)", algorithm,
                "http://127.0.0.1:\(redirectPort)/callback/corp",
            ] + (site.map { ["\($0)/sign-in/callback/corp"] } ?? []), log: scratch.path("canaille.log"))
        try await until("Canaille serves") { [issuer] in
            try await Program.run("/usr/bin/curl", ["-sf", "\(issuer)/.well-known/openid-configuration"])
                .status
                == 0
        }
    }

    deinit { running.kill() }

    /// A server's configuration that names it, with its secret in a file that the server can read.
    func configuration(staleness: Int) async throws -> String {
        let plain = try scratch.write("s3cret:%/\n", to: "plain")
        let secret = scratch.path("secret")
        let copied = try await Program.run(
            "/usr/bin/install", ["-m", "600", "-o", "nobody", plain, secret])
        guard copied.status == 0 else { throw Failure("install: \(copied.errors)") }
        return """
            [sign_in]
            ways = ["password+totp", "oidc:corp"]
            [[oidc]]
            name = "corp"
            issuer = "\(issuer)"
            client_id = "keyreeve"
            client_secret_file = "\(secret)"
            scopes = ["profile", "groups"]
            groups_claim = "groups"
            redirect_ports = [\(redirectPort)]
            staleness = \(staleness)

            """
    }

    /// The browser of another machine, in which this person opens the address, types the code and signs in.
    func signIn(at address: String, code: String, as person: String) async throws -> String {
        let log = scratch.path("page-\(UUID().uuidString)")
        let ending = try await Program.run(
            Self.python, ["\(Self.root)/Tests/Clients/browser-headless", address, code, person, log])
        guard ending.status == 0 else { throw Failure("the browser: \(ending.errors)") }
        return String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
    }

    /// What the environment of `reeve` needs so that this person signs in there, in Chromium.
    func browser(of person: String) throws -> [String: String] {
        let script = try scratch.write(
            "#!/bin/sh\nexec \(Self.python) \(Self.root)/Tests/Clients/browser-sign-in \"$1\"\n",
            to: "browser-\(person)")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
        return ["BROWSER": script, "SIGN_IN_AS": person, "SIGN_IN_LOG": page(of: person)]
    }

    /// Where the last page that the browser showed is written down.
    func page(of person: String) -> String { scratch.path("page-\(person)") }

    func post(_ path: String) async throws {
        let ending = try await Program.run("/usr/bin/curl", ["-sf", "-X", "POST", "\(issuer)/test/\(path)"])
        guard ending.status == 0 else {
            throw Failure("\(path): \(scratch.text("canaille.log").suffix(2_000))")
        }
    }
}
