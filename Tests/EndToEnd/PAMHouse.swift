import AuthorityAPI
import AuthorityClient
import Foundation
import Posix

/// `reeve-pam` as root, over a stack of the test's own.
final class PAMStack: Sendable {
    /// One fixed password, whoever is asked.
    static let openSesame = (
        stack: """
        auth required pam_exec.so quiet expose_authtok /bin/sh FOLDER/check
        account required pam_permit.so

        """, files: ["check": "[ \"$(tr -d '\\000')\" = 'open sesame' ]\n"]
    )

    let stacks = Scratch()
    private let pam = Running()

    var socket: String { stacks.path("pam.sock") }

    /// - Parameters:
    ///   - stack: Lines of pam.d(5); `FOLDER` is a folder of the test's own.
    ///   - files: What lies in it, mode 0600.
    ///   - before: A command that runs the program which follows it.
    init(_ stack: String, files: [String: String] = [:], before: [String] = []) async throws {
        for (name, text) in files { _ = try stacks.write(text, to: name) }
        _ = try stacks.write(
            stack.replacingOccurrences(of: "FOLDER", with: stacks.folder), to: "reeve")
        let command =
            before + [
                Program.path("reeve-pam"), "serve", "--socket", socket, "--stacks", stacks.folder,
                "--allow-user", "nobody",
            ]
        try pam.start(command[0], Array(command.dropFirst()), log: stacks.path("log"))
        try await until("reeve-pam listens") { (try? UnixConnection.connect(self.socket)) != nil }
    }

    deinit { pam.kill() }
}

/// A house whose people may sign in by PAM: `reeved`, and `reeve-pam` as root, over stacks of the test's own.
final class PAMHouse: Sendable {
    static let isPossible =
        ProcessHardening.isRoot && module("pam_oath") && module("pam_google_authenticator")

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
    /// Where libpam-ldapd and nslcd are unpacked.
    static let ldapd = "\(root)/.build/pam-ldapd"
    static let script = "\(root)/Tests/PAM/with-ldap.sh"
    static let hasDirectory =
        FileManager.default.isExecutableFile(atPath: "/usr/sbin/slapd")
        && FileManager.default.fileExists(
            atPath: "\(ldapd)/lib/x86_64-linux-gnu/security/pam_ldap.so")

    let house: Installation
    private let stack: PAMStack

    var stacks: Scratch { stack.stacks }

    /// - Parameters:
    ///   - stack: Lines of pam.d(5); `FOLDER` is a folder of the test's own.
    ///   - files: What lies in it, mode 0600.
    ///   - before: A command that runs the program which follows it.
    init(_ stack: String, files: [String: String] = [:], before: [String] = []) async throws {
        self.stack = try await PAMStack(stack, files: files, before: before)
        house = try await Installation(
            configuration: """
                [sign_in]
                ways = ["password+totp", "pam", "pam+totp"]
                [pam]
                socket = "\(self.stack.socket)"
                """)
        try await house.enrolAdmin()
        let added = try await house.reeve("person", "add", "alice", "--login", "alice", "--link-only")
        let link = try house.scratch.write(added.output, to: "alice.link")
        try await house.enrol("alice", link: link, home: alice)
    }

    /// The state folder of her `reeve`.
    var alice: String { house.scratch.path("alice") }

    /// `reeve login` with these answers.
    func login(_ lines: String, with way: String = "pam", _ further: String...) async throws -> Program.Ending
    {
        let answers = try house.scratch.write(lines + "\n", to: "answers-\(UUID().uuidString)")
        return try await house.reeve(
            ["login", "--with", way, "--no-certificates", "--answers-file", answers] + further, home: alice)
    }

    /// Which factors alice's session has.
    func factors() async throws -> Set<String> {
        try await speak(home: alice) { connection in
            Set(try await connection.call(.session, as: WhoAmI.self).0.factors.keys)
        }
    }

    /// The sign-in of somebody by PAM, begun.
    func begun(_ name: String) async throws -> SignInReply {
        try await speak(home: alice) { connection in
            try await connection.call(
                .signIn, body: SignInRequest(name: name, with: "pam"), as: SignInReply.self
            ).0
        }
    }

    /// What it asks first.
    func asked(_ name: String) async throws -> [SignInStep] { try await begun(name).steps }

    /// The code of the refusal that an answer meets; nil where it meets none.
    func refusal(of answer: SignInAnswer) async throws -> String? {
        try await speak(home: alice) { connection in
            do {
                _ = try await connection.call(.signInAnswer, body: answer, as: SignInReply.self)
                return nil
            } catch ClientError.refused(let problem) {
                return problem.code
            }
        }
    }

    private func speak<Value: Sendable>(
        home: String, _ body: (AuthorityConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try house.connection(home: home)
        let result: Result<Value, any Error>
        do { result = .success(try await body(connection)) } catch { result = .failure(error) }
        await connection.close()
        return try result.get()
    }

    static func module(_ name: String) -> Bool {
        let folders = [
            "/lib/x86_64-linux-gnu/security", "/lib/aarch64-linux-gnu/security", "/lib64/security",
        ]
        return folders.contains { FileManager.default.fileExists(atPath: "\($0)/\(name).so") }
    }
}
