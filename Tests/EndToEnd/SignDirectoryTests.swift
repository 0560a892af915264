import Foundation
import SSHFormats
import Testing

/// `reeve sign` with the key of a device, and `reeve verify` against the directory.
@Suite(.servers) struct `Files signed by a device` {
    @Test(.timeLimit(.minutes(20)))
    func `are verified by others as long as the key counts, and later for the time before`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let added = try await house.reeve("person", "add", "alice", "--link-only")
        let home = house.scratch.path("alice")
        try await house.enrol(
            "alice", link: try house.scratch.write(added.output, to: "alice.link"), home: home)
        let file = try house.scratch.write("a message\n", to: "file")
        let signed = try await house.reeve("sign", file, home: home)
        #expect(signed.status == 0 && signed.output == "\(file).sig\n", "\(signed.errors)")
        let then = UInt64(Date().timeIntervalSince1970)

        // boss holds nothing but the file and the signature.
        let good = try await house.reeve("verify", file)
        #expect(good.status == 0 && good.output.contains("good: signed by alice, for file"), "\(good)")
        #expect(good.output.contains("device:alice.test"), "\(good.output)")
        #expect(try await house.reeve("verify", file, "--identity", "alice").status == 0)
        for wrong in [
            ["--identity", "boss"], ["--namespace", "git"], ["--at", "\(then - 86_400)"],
            ["--at", "\(then + 86_400)"],
        ] {
            let bad = try await house.reeve(["verify", file] + wrong)
            #expect(bad.status == 1 && bad.output.hasPrefix("BAD"), "\(wrong): \(bad)")
        }

        try await expectExport(house, home, file)

        // Once the key is lost, its signatures count for the time before, if somebody knows when they were made.
        try await until("the second is over") { UInt64(Date().timeIntervalSince1970) > then + 1 }
        let key = try #require(good.output.firstMatch(of: /SHA256:[A-Za-z0-9+\/]{43}/)).output
        let lost = try await house.reeve("revoke", "--key", String(key), "--reason", "left in a train")
        #expect(lost.status == 0, "\(lost.errors)")
        let now = try await house.reeve("verify", file, "--json")
        #expect(now.status == 1 && now.output.contains(#""good":false"#), "\(now)")
        let before = try await house.reeve("verify", file, "--at", "\(then)")
        #expect(before.status == 0, "\(before)")
        #expect(before.output.contains("compromised"), "\(before.output)")
    }

    /// What `reeve signers` prints is enough for stock ssh-keygen, and for us offline.
    private func expectExport(_ house: Installation, _ home: String, _ file: String) async throws {
        let exported = try await house.reeve("signers", home: home)
        #expect(exported.status == 0, "\(exported.errors)")
        let signers = try house.scratch.write(exported.output, to: "signers")
        let theirs = try await Program.run(
            "/bin/bash",
            [
                "-c", #"ssh-keygen -Y verify -f "$1" -I alice -n file -s "$0.sig" <"$0""#, file, signers,
            ])
        #expect(theirs.status == 0 && theirs.output.contains("Good"), "\(theirs)")
        let ours = try await Program.run("reeve", ["verify", file, "--allowed-signers", signers])
        #expect(ours.status == 0 && ours.output.contains("signed by alice"), "\(ours)")
    }

    @Test(.timeLimit(.minutes(20))) func `count for nobody whose key is not registered`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let file = try house.scratch.write("a message\n", to: "file")
        let key = try PrivateKey.generate(.ed25519)
        let signature = try SSHSIG.sign(Array("a message\n".utf8), namespace: "file", with: key)
        _ = try house.scratch.write(signature.armoured, to: "file.sig")
        let stranger = try await house.reeve("verify", file)
        #expect(stranger.status == 1 && stranger.errors.contains("nobody has registered"), "\(stranger)")
    }
}
