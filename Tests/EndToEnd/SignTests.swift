import Foundation
import SSHFormats
import Testing

/// `reeve sign` and `reeve verify` against `ssh-keygen -Y`, with an agent and without a network.
@Suite struct `Signed files` {
    private let scratch = Scratch()
    private static let keygen = "/usr/bin/ssh-keygen"

    /// A key, its agent, and a file to sign. The agent ends with the test's shell.
    private func withAgent(_ kind: String, _ script: String) async throws -> Program.Ending {
        let key = scratch.path("key")
        if !FileManager.default.fileExists(atPath: key) {
            _ = try await Program.run(Self.keygen, ["-q", "-t", kind, "-N", "", "-f", key])
            _ = try scratch.write("a message\n", to: "file")
            let line = try String(contentsOfFile: "\(key).pub", encoding: .utf8)
            _ = try scratch.write("alice@example.com \(line)", to: "signers")
        }
        let whole = """
            cd "$0" && eval "$(ssh-agent -s)" >/dev/null && trap 'kill "$SSH_AGENT_PID"' EXIT
            ssh-add -q key && mv key hidden && { \(script)
            }; status=$?; mv hidden key; exit $status
            """
        return try await Program.run(
            "/bin/bash", ["-c", whole, scratch.folder],
            environment: ["REEVE": Program.path("reeve"), "REEVE_HOME": scratch.path("home")])
    }

    @Test(arguments: ["ed25519", "ecdsa", "rsa"])
    func `by a key of the agent are accepted by ssh-keygen and by us`(_ kind: String) async throws {
        let signed = try await withAgent(kind, #""$REEVE" sign --key key.pub file"#)
        #expect(signed.status == 0 && signed.output == "file.sig\n", "\(signed.errors)")
        let theirs = try await Program.run(
            "/bin/bash",
            [
                "-c",
                #"cd "$0" && ssh-keygen -Y verify -f signers -I alice@example.com -n file -s file.sig <file"#,
                scratch.folder,
            ])
        #expect(theirs.status == 0 && theirs.output.contains("Good"), "\(theirs.output)\(theirs.errors)")
        #expect(try await verify().status == 0)
        // By fingerprint and through a pipe: the same.
        let fingerprint = try PublicKey(
            text: String(contentsOfFile: scratch.path("key.pub"), encoding: .utf8)
        ).fingerprint
        let piped = try await withAgent(
            kind, "\"$REEVE\" sign --key \(fingerprint) - <file >piped.sig && cp piped.sig file.sig")
        #expect(piped.status == 0, "\(piped.errors)")
        #expect(try await verify().status == 0)
    }

    @Test(arguments: ["ed25519", "ecdsa", "rsa"])
    func `by ssh-keygen are accepted`(_ kind: String) async throws {
        let signed = try await withAgent(kind, "ssh-keygen -q -Y sign -f key.pub -n file file")
        #expect(signed.status == 0, "\(signed.errors)")
        let good = try await verify()
        #expect(good.status == 0 && good.output.contains("good: signed by alice@example.com"), "\(good)")
        #expect(try await verify("--identity", "alice@example.com", "--json").status == 0)
    }

    @Test func `do not count for another file, purpose, name, time or key`() async throws {
        _ = try await withAgent("ed25519", #""$REEVE" sign --key key.pub file"#)
        for (arguments, words) in [
            (["--namespace", "git"], "is for \"file\""),
            (["--identity", "bob@example.com"], "not allowed under this name"),
        ] {
            let bad = try await verify(arguments)
            #expect(bad.status == 1 && (bad.output + bad.errors).contains(words), "\(bad)")
        }
        let line = try String(contentsOfFile: scratch.path("signers"), encoding: .utf8)
        let words = line.split(separator: " ", maxSplits: 1)
        let signers = try scratch.write(
            "\(words[0]) valid-before=\"20250101Z\" \(words[1])", to: "past-signers")
        #expect(try await verify("--allowed-signers", signers).status == 1)
        #expect(try await verify("--allowed-signers", signers, "--at", "2024-12-31T00:00:00Z").status == 0)
        let other = try PrivateKey.generate(.ed25519).publicKey.text()
        let strangers = try scratch.write("alice@example.com \(other)\n", to: "other-signers")
        #expect(try await verify("--allowed-signers", strangers).status == 1)
        _ = try scratch.write("another message\n", to: "file")
        let bad = try await verify("--json")
        #expect(bad.status == 1 && bad.output.contains(#""good":false"#), "\(bad)")
    }

    @Test func `are not made by a key that the agent lacks, nor put over another file`() async throws {
        let other = try PrivateKey.generate(.ed25519).publicKey.text()
        _ = try scratch.write(other + "\n", to: "other.pub")
        let lacking = try await withAgent("ed25519", #""$REEVE" sign --key other.pub file"#)
        #expect(lacking.status == 2 && lacking.errors.contains("does not hold"), "\(lacking.errors)")
        let over = try await withAgent(
            "ed25519", #"echo precious >file.sig; "$REEVE" sign --key key.pub file"#)
        #expect(over.status == 2 && scratch.text("file.sig") == "precious\n", "\(over.errors)")
        let without = try await Program.run(
            "reeve", ["sign", "--key", scratch.path("other.pub"), scratch.path("file")],
            environment: ["SSH_AUTH_SOCK": ""])
        #expect(without.status == 2 && without.errors.contains("no ssh-agent"))
    }

    @Test func `are told from others by reeve inspect`() async throws {
        _ = try await withAgent("ed25519", #""$REEVE" sign --key key.pub file"#)
        let inspected = try await Program.run("reeve", ["inspect", scratch.path("file.sig"), "--json"])
        #expect(inspected.output.contains(#""kind":"signature""#), "\(inspected)")
        let signers = try await Program.run("reeve", ["inspect", scratch.path("signers")])
        #expect(signers.output.contains("allowed_signers: alice@example.com"), "\(signers)")
    }

    private func verify(_ more: String...) async throws -> Program.Ending { try await verify(more) }

    private func verify(_ more: [String]) async throws -> Program.Ending {
        let signers =
            more.contains("--allowed-signers") ? [] : ["--allowed-signers", scratch.path("signers")]
        return try await Program.run("reeve", ["verify", scratch.path("file")] + signers + more)
    }
}
