import Crypto
import Foundation
import HostDocuments
import Ledger
import SSHFormats
import Testing

@Suite struct `reeve inspect` {
    private static let vectors = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Vectors/ssh").path

    private let scratch = Scratch()

    private func inspect(_ path: String, input: String = "") async throws -> [String: Any] {
        let ending = try await Program.run("reeve", ["inspect", "--json", path], input: input)
        #expect(ending.status == 0, "\(path): \(ending.errors)")
        let people = try await Program.run("reeve", ["inspect", path], input: input)
        #expect(people.status == 0 && !people.output.isEmpty)
        return try #require(
            try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any])
    }

    private func write(_ bytes: [UInt8], _ name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: scratch.path(name)))
        return scratch.path(name)
    }

    @Test(arguments: [
        ("ed25519.pub", "public key"), ("rsa.pub", "public key"), ("sk-ed25519.pub", "public key"),
        ("ed25519", "private key"), ("rsa", "private key"), ("locked", "private key"),
        ("sk-ecdsa", "private key"), ("user-cert.pub", "user certificate"),
        ("host-cert.pub", "host certificate"),
        ("list.krl", "KRL"), ("bitmap.krl", "KRL"), ("hashes.krl", "KRL"), ("hashed.known_hosts", "lines"),
    ])
    func `tells what a file of OpenSSH is`(_ name: String, _ kind: String) async throws {
        let facts = try await inspect("\(Self.vectors)/\(name)")
        #expect(facts["kind"] as? String == kind)
        guard kind.hasSuffix("key") else { return }
        let listed = try await Program.run("/usr/bin/ssh-keygen", ["-l", "-f", "\(Self.vectors)/\(name)"])
        let fingerprint = try #require(facts["fingerprint"] as? String)
        #expect(listed.output.contains(" \(fingerprint) "))
    }

    @Test func `says which keys are weak, and carries kinds that it does not know`() async throws {
        let weak = try await inspect("\(Self.vectors)/roca.pub")
        #expect((weak["weakness"] as? String)?.isEmpty == false)
        var writer = WireWriter()
        writer.string("ssh-new@example.com")
        writer.string([1, 2, 3])
        let line = "ssh-new@example.com \(Data(writer.bytes).base64EncodedString())"
        let new = try await inspect("-", input: line + "\n")
        #expect(new["type"] as? String == "ssh-new@example.com" && new["kind"] as? String == "public key")
    }

    @Test func `shows a DSA key and where it is refused`() async throws {
        let path = "\(Self.vectors)/dsa.pub"
        let facts = try await inspect(path)
        let listed = try await Program.run("/usr/bin/ssh-keygen", ["-l", "-f", path])
        let fingerprint = try #require(facts["fingerprint"] as? String)
        let bits = try #require(facts["bits"] as? Int)
        #expect(listed.output.hasPrefix("\(bits) \(fingerprint) "))
        #expect(facts["type"] as? String == "ssh-dss")
        #expect(facts["weakness"] as? String == "the key is a DSA key, which is never accepted")
        let key = try await make(["-q", "-t", "dsa", "-N", "", "-f", scratch.path("dsa")], "dsa")
        #expect(try await inspect(key)["type"] as? String == "ssh-dss")
    }

    /// What ssh-keygen made; its path.
    private func make(_ arguments: [String], _ name: String) async throws -> String {
        let ending = try await Program.run("/usr/bin/ssh-keygen", arguments)
        #expect(ending.status == 0, "\(ending)")
        return scratch.path(name)
    }

    @Test func `shows whatever certificate ssh-keygen shows, and says what would be refused`() async throws {
        for (name, type) in [("ca", "ed25519"), ("user", "ed25519"), ("old", "dsa")] {
            _ = try await make(["-q", "-t", type, "-N", "", "-f", scratch.path(name)], name)
        }
        let options = ["foo@bar=baz", "flag@bar"].flatMap { ["-O", "extension:\($0)"] }
        let certificate = try await make(
            ["-q", "-s", scratch.path("ca"), "-I", "id", "-n", "a b,Müller"] + options
                + ["-O", "critical:x@y=z", "-O", "force-command=echo hi", scratch.path("user.pub")],
            "user-cert.pub")
        let facts = try await inspect(certificate)
        #expect(facts["principals"] as? [String] == ["a b", "Müller"])
        #expect(facts["criticalOptions"] as? [String] == ["force-command=echo hi", "x@y=z"])
        let extensions = try #require(facts["extensions"] as? [String])
        #expect(extensions.contains("foo@bar=baz") && extensions.contains("flag@bar"))
        #expect(facts["isSignatureGood"] as? Bool == true)
        #expect((facts["refusal"] as? String)?.contains("names a principal that cannot be one") == true)

        let dsa = try await make(
            ["-q", "-s", scratch.path("ca"), "-I", "id", scratch.path("old.pub")], "old-cert.pub")
        let old = try await inspect(dsa)
        #expect(old["type"] as? String == "ssh-dss-cert-v01@openssh.com")
        #expect((old["refusal"] as? String)?.contains("DSA") == true)
        let byDSA = try await make(
            ["-q", "-s", scratch.path("old"), "-I", "id", scratch.path("user.pub")], "user-cert.pub")
        let signed = try await inspect(byDSA)
        #expect(signed["isSignatureGood"] as? Bool == false)
        #expect((signed["refusal"] as? String)?.contains("DSA") == true)
        let plain = try await inspect("\(Self.vectors)/user-cert.pub")
        #expect(plain["refusal"] == nil)
    }

    @Test(arguments: ["ed25519", "ecdsa", "rsa", "locked", "sk-ed25519"])
    func `shows nothing of the private half, whatever the file`(_ name: String) async throws {
        let text = try String(contentsOfFile: "\(Self.vectors)/\(name)", encoding: .utf8)
        let letters = text.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
        let bytes = try #require(Data(base64Encoded: letters))
        let half = bytes.suffix(from: bytes.count / 2).base64EncodedString()
        for arguments in [["inspect"], ["inspect", "--json"]] {
            let ending = try await Program.run("reeve", arguments + ["\(Self.vectors)/\(name)"])
            #expect(ending.status == 0)
            // The public key stands in both halves of the file.
            let output = ending.output.replacing(#/AAAA[A-Za-z0-9+\/=]+/#, with: "")
            for start in stride(from: 0, to: half.count - 24, by: 8) {
                #expect(!output.contains(half.dropFirst(start).prefix(24)))
            }
        }
    }

    @Test func `decodes a token and says that it is not verified`() async throws {
        let parts = [
            #"{"alg":"none","typ":"JWT"}"#,
            #"{"iss":"https://idp.example.com","exp":1760000000,"n":18446744073709551615,"aud":["a","b"]}"#,
        ].map { Data($0.utf8).base64EncodedString().replacing("=", with: "").replacing("+", with: "-") }
        let facts = try await inspect("-", input: parts.joined(separator: ".") + ".c2ln\n")
        #expect(facts["kind"] as? String == "token" && facts["verified"] as? Bool == false)
        let claims = try #require(facts["claims"] as? [String: Any])
        #expect(claims["iss"] as? String == "https://idp.example.com")
        #expect(claims["n"] as? UInt64 == .max)
        let people = try await Program.run(
            "reeve", ["inspect", "-"], input: parts.joined(separator: ".") + ".")
        #expect(people.output.contains("NOT verified") && people.output.contains("2025-10-09T08:53:20Z"))
    }

    @Test func `reads checkpoints, their key and signed host states`() async throws {
        let secret = Curve25519.Signing.PrivateKey()
        let key = try VerifierKey(
            name: "ca.example.com", publicKey: Array(secret.publicKey.rawRepresentation))
        let body = try CheckpointBody(origin: "ca.example.com", size: 1, root: .leaf([1]))
        let checkpoint = try Checkpoint(
            body, signature: Array(try secret.signature(for: body.bytes)), by: key)
        #expect(try await inspect("-", input: checkpoint.text)["size"] as? Int == 1)
        #expect(try await inspect("-", input: "\(key)\n")["kind"] as? String == "verifier key")

        let user = try PrivateKey.generate(.ed25519).publicKey
        let state = try HostState(
            host: "web1.example.com", epoch: 1, version: 7, issuedAt: 10, notAfter: 20,
            krlHash: Array(repeating: 1, count: 32), hostKRLHash: Array(repeating: 2, count: 32),
            labels: ["env=staging"], userCAKeys: [user])
        let signed = try SignedHostState(payload: state.encoded, signature: Array(repeating: 0, count: 64))
        let facts = try await inspect(try write(signed.encoded, "state.signed"))
        #expect(facts["kind"] as? String == "host state" && facts["isSigned"] as? Bool == true)
        #expect(facts["host"] as? String == "web1.example.com")
        #expect(try await inspect(try write(state.encoded, "state"))["isSigned"] as? Bool == false)
    }

    @Test func `tells lines apart and goes on after one that cannot be read`() async throws {
        let key = try PrivateKey.generate(.ed25519).publicKey.text()
        let text = """
            # a remark
            web1,web2 \(key) c1
            @cert-authority *.example.com \(key)
            command="echo a b",restrict \(key) me@laptop
            neither this nor that
            """
        let facts = try await inspect("-", input: text)
        let lines = try #require(facts["lines"] as? [[String: Any]])
        #expect(
            lines.map { $0["format"] as? String } == ["known_hosts", "known_hosts", "authorized_keys", nil])
        #expect(lines.map { $0["number"] as? Int } == [2, 3, 4, 5])
        #expect(lines.last?["problem"] != nil)
    }

    @Test(arguments: [
        ("", "an empty file"), ("{}", "JSON"), ("-----BEGIN CERTIFICATE-----\n", "X.509"),
        ("-----BEGIN RSA PRIVATE KEY-----\n", "not in OpenSSH's form"), ("a.b.c.d.e", "JWE"),
        ("keyreeve-ledger\t1\n", "reeve audit verify"), ("ssh-ed25519 AAAA", "the key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", "the key"), ("hello", "no kind that is known"),
        ("\u{1b}]0;title\u{7} x", "no kind that is known"),
    ])
    func `says plainly what it cannot read`(_ text: String, _ words: String) async throws {
        let ending = try await Program.run("reeve", ["inspect", "-"], input: text)
        #expect(ending.status == 2 && ending.output.isEmpty)
        #expect(ending.errors.contains(words), "\(ending.errors)")
        #expect(!ending.errors.contains("\u{1b}"))
    }

    @Test func `lets nothing drive the terminal`() async throws {
        let key = scratch.path("key")
        for arguments in [
            ["-q", "-t", "ed25519", "-N", "", "-f", key],
            ["-q", "-s", key, "-I", "\u{1b}[2J\u{9b}31m\u{202e}x", "-n", "alice", "\(key).pub"],
        ] { _ = try await Program.run("/usr/bin/ssh-keygen", arguments) }
        let ending = try await Program.run("reeve", ["inspect", "\(key)-cert.pub"])
        #expect(ending.output.contains("key ID: \\u{1b}[2J\\u{9b}31m\\u{202e}x\n"), "\(ending)")
    }

    @Test func `lets no value pass for a line, or for another value`() async throws {
        let key = scratch.path("key")
        for arguments in [
            ["-q", "-t", "ed25519", "-N", "", "-f", key],
            [
                "-q", "-s", key, "-I", "x\nserial: 4\u{2028}serial: 5", "-n", "alice", "-O",
                "force-command=x source-address=192.0.2.1/32", "\(key).pub",
            ],
        ] { _ = try await Program.run("/usr/bin/ssh-keygen", arguments) }
        let lines = try await Program.run("reeve", ["inspect", "\(key)-cert.pub"]).output.split(
            separator: "\n")
        #expect(lines.filter { $0.hasPrefix("serial: ") } == ["serial: 0"])
        #expect(lines.contains("key ID: x\\u{a}serial: 4\\u{2028}serial: 5"), "\(lines)")
        #expect(
            lines.contains("critical options: \"force-command=x source-address=192.0.2.1/32\""), "\(lines)")
    }

    @Test func `says when its answer could not be written`() async throws {
        let path = "\(Self.vectors)/ed25519.pub"
        for arguments in ["inspect \(path)", "inspect --json \(path)"] {
            for (target, words) in [("/dev/full", "No space left"), ("&-", "Bad file descriptor")] {
                let line = "\(Program.path("reeve")) \(arguments) >\(target)"
                let ending = try await Program.run("/bin/sh", ["-c", line])
                #expect(ending.status == 2 && ending.errors.contains(words), "\(line): \(ending.errors)")
            }
        }
    }

    @Test func `speaks JSON of a wrong command line too, where that is asked for`() async throws {
        for arguments in [
            ["inspect", "--json"], ["cert", "--json", "--as", "x", "-k", "f"], ["no-such", "--json"],
        ] {
            let ending = try await Program.run("reeve", arguments)
            #expect(ending.status == 2 && ending.output.isEmpty)
            let said = try #require(
                try JSONSerialization.jsonObject(with: Data(ending.errors.utf8)) as? [String: Any])
            #expect(said["exit"] as? Int == 2 && said["happened"] is String, "\(ending.errors)")
        }
    }
}
