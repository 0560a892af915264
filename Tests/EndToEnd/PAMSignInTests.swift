import AuthorityAPI
import AuthorityClient
import Foundation
import Posix
import TestKit
import Testing

/// Real modules of PAM as a factor, each over its own users.
@Suite(
    .servers,
    .enabled(if: PAMHouse.isPossible, "needs root, libpam-oath and libpam-google-authenticator"))
struct `A sign-in by PAM` {
    private static let seed = "3132333435363738393031323334353637383930"
    private static let users = "HOTP/T30/6\talice\t-\t\(seed)\nHOTP/T30/6\treeve-nobody\t-\t\(seed)\n"
    private static let oath = """
        auth required pam_oath.so usersfile=FOLDER/users window=5 digits=6
        account required pam_permit.so

        """

    private func code(_ base32: Bool = false, _ secret: String = seed) async throws -> String {
        let arguments = ["--totp", "-d6"] + (base32 ? ["-b"] : []) + [secret]
        let code = try await Program.run("/usr/bin/oathtool", arguments)
        return String(code.output.prefix(6))
    }

    @Test(.timeLimit(.minutes(20))) func `asks pam_oath, and tells nobody who is known to it`()
        async throws
    {
        let pam = try await PAMHouse(Self.oath, files: ["users": Self.users])
        let wrong = try await pam.login("pam-1=000000")
        #expect(wrong.status == 1, "\(wrong.errors)")
        #expect(wrong.errors.contains("sign-in-failed"), "\(wrong.errors)")
        let right = try await pam.login("pam-1=\(try await code())")
        #expect(right.status == 0, "\(right.errors)")
        #expect(try await pam.factors() == ["pam"])
        let replayed = try await pam.login("pam-1=\(try await code())")
        #expect(replayed.status == 1, "a code counts once, as pam_oath says")
        // A05: the same questions for her, for nobody, for root and for a name that is none.
        let known = try await pam.asked("alice")
        #expect(known.map(\.prompt) == ["One-time password (OATH) for `alice'"])
        for name in ["carol", "root", "daemon"] {
            #expect(
                try await pam.asked(name).map(\.prompt) == ["One-time password (OATH) for `\(name)'"])
        }
        #expect(try await pam.asked("Ca rol").map(\.kind) == known.map(\.kind))
    }

    @Test(.timeLimit(.minutes(20)))
    func `asks pam_google_authenticator, and then for a code of ours`()
        async throws
    {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        let pam = try await PAMHouse(
            """
            auth required pam_google_authenticator.so secret=FOLDER/codes user=root no_strict_owner
            account required pam_permit.so

            """, files: ["codes": "\(secret)\n\" RATE_LIMIT 30 30\n\" WINDOW_SIZE 17\n\" TOTP_AUTH\n"])
        let ending = try await pam.login(
            "pam-1=\(try await code(true, secret))\ntotp=auto+1", with: "pam+totp", "--totp-secret-file",
            pam.house.scratch.path("alice.totp"))
        #expect(ending.status == 0, "\(ending.errors)")
        #expect(try await pam.factors() == ["pam", "totp"])
        let wrong = try await pam.login(
            "pam-1=123\ntotp=auto+1", with: "pam+totp", "--totp-secret-file",
            pam.house.scratch.path("alice.totp"))
        #expect(wrong.status == 1)
        #expect(wrong.errors.contains("sign-in-failed"), "\(wrong.errors)")
    }

    @Test(.timeLimit(.minutes(20))) func `asks pam_unix for the password of the system`() async throws {
        // A machine of its own: users that the real one does not have.
        let users = Scratch()
        let hash = try await Program.run(
            "/usr/bin/openssl", ["passwd", "-6", "-salt", "salt", "open sesame"])
        let passwd = try String(contentsOfFile: "/etc/passwd", encoding: .utf8)
        _ = try users.write(
            passwd + "alice:x:4711:4711::/nonexistent:/bin/sh\nbob:x:4712:4712::/:/bin/sh\n", to: "passwd"
        )
        let entry = hash.output.trimmingCharacters(in: .newlines)
        _ = try users.write(
            "root:*:20000:0:99999:7:::\nalice:\(entry):20000:0:99999:7:::\nbob:\(entry):0:0:99999:7:::\n",
            to: "shadow")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: users.path("passwd"))
        let mounts = ["passwd", "shadow"].map { "mount --bind \(users.path($0)) /etc/\($0)" }
        let pam = try await PAMHouse(
            "auth required pam_unix.so\naccount required pam_unix.so\n",
            before: [
                "/usr/bin/unshare", "-m", "--propagation", "private", "/bin/sh", "-c",
                "\(mounts.joined(separator: " && ")) && exec \"$0\" \"$@\"",
            ])
        #expect(try await pam.login("pam-1=wrong").status == 1)
        let right = try await pam.login("pam-1=open sesame")
        #expect(right.status == 0, "\(right.errors)")
        #expect(try await pam.factors() == ["pam"])
        // bob's password must be changed first: told to whoever knows it, and to nobody else.
        let added = try await pam.house.reeve("person", "add", "bob", "--link-only")
        let link = try pam.house.scratch.write(added.output, to: "bob.link")
        let home = pam.house.scratch.path("bob")
        try await pam.house.enrol("bob", link: link, home: home)
        for (password, code) in [("wrong", "sign-in-failed"), ("open sesame", "password-expired")] {
            let answers = try pam.house.scratch.write("pam-1=\(password)\n", to: "bob-\(code)")
            let ending = try await pam.house.reeve(
                ["login", "--with", "pam", "--answers-file", answers], home: home)
            #expect(ending.status == 1)
            #expect(ending.errors.contains(code), "\(ending.errors)")
        }
        #expect(try await pam.asked("alice") == pam.asked("carol"))
        // Her name is not hers on the system: locked by attempts here, and never there.
        let locked = try await pam.asked("alice")
        #expect(locked.map(\.prompt) == ["Password"])
    }

    @Test(
        .timeLimit(.minutes(20)),
        .enabled(if: PAMHouse.hasDirectory, "make setup installs slapd and unpacks libpam-ldapd"))
    func `asks a directory by pam_ldap`() async throws {
        let folder = Scratch()
        let module = "\(PAMHouse.ldapd)/lib/x86_64-linux-gnu/security/pam_ldap.so minimum_uid=1000"
        let pam = try await PAMHouse(
            "auth required \(module)\naccount required \(module)\n",
            before: [
                "/usr/bin/unshare", "-m", "-p", "--fork", "--kill-child", "--mount-proc", "--propagation",
                "private", PAMHouse.script, folder.path("machine"), String(try FreePort.find()),
                PAMHouse.ldapd,
            ])
        #expect(try await pam.login("pam-1=wrong").status == 1)
        let right = try await pam.login("pam-1=open sesame")
        #expect(right.status == 0, "\(right.errors)")
        #expect(try await pam.factors() == ["pam"])
        #expect(try await pam.asked("alice") == pam.asked("carol"))
    }

    @Test(.timeLimit(.minutes(20))) func `is over where its worker, or the server, has gone`()
        async throws
    {
        let pam = try await PAMHouse(Self.oath, files: ["users": Self.users])
        let begun = try await pam.begun("alice")
        try await pam.house.stopServer()
        try await pam.house.start()
        let answer = SignInAnswer(
            conversation: try #require(begun.conversation), answers: ["pam-1": try await code()])
        #expect(try await pam.refusal(of: answer) == "conversation-over")
    }

    @Test(.timeLimit(.minutes(20)))
    func `asks by a reeve-pam that the server starts, and starts again`()
        async throws
    {
        let stacks = Scratch()
        _ = try stacks.write("#!/bin/sh\n[ \"$(tr -d '\\0')\" = 'open sesame' ]\n", to: "check")
        _ = try stacks.write(
            "auth required pam_exec.so quiet expose_authtok \(stacks.path("check"))\n"
                + "account required pam_permit.so\n", to: "reeve")
        for (name, mode) in [("check", 0o755), ("reeve", 0o644)] {
            try FileManager.default.setAttributes(
                [.posixPermissions: mode], ofItemAtPath: stacks.path(name))
        }
        let house = try await Installation(
            configuration: """
                [sign_in]
                ways = ["password+totp", "pam"]
                [pam]
                stacks = "\(stacks.folder)"
                refusal_step = 1

                """)
        try await house.enrolAdmin()
        let right = try stacks.write("pam-1=open sesame\n", to: "right")
        let wrong = try stacks.write("pam-1=open barley\n", to: "wrong")
        let login = ["login", "--with", "pam", "--no-certificates", "--answers-file"]
        for _ in 0..<2 {
            let refused = try await house.reeve(login + [wrong])
            #expect(refused.status == 1 && refused.errors.contains("sign-in-failed"), "\(refused.errors)")
            let entered = try await house.reeve(login + [right])
            #expect(entered.status == 0, "\(entered.errors)")
            let listed = try await Program.run(
                "/usr/bin/pgrep", ["-f", "reeve-pam serve .*\(house.data)/pam.sock"])
            let pid = try #require(Int32(listed.output.prefix { $0.isNumber }))
            kill(pid, SIGKILL)
            try await until("another reeve-pam answers") {
                (try? UnixConnection.connect("\(house.data)/pam.sock")) != nil
            }
        }
        #expect(!house.scratch.text("log").contains("sesame"))
    }
}
