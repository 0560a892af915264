import AuthorityAPI
import AuthorityClient
import CVersion
import Foundation
import Names
import Posix
import SSHFormats
import TestKit
import Testing

@Suite(.servers) struct `A house of one's own` {
    @Test func `S11 a second server on the same folder refuses to start and says why`() async throws {
        let house = try await Installation()
        let port = try FreePort.find()
        var arguments = ["serve", "--data", house.data, "--listen", "127.0.0.1:\(port)"]
        if ProcessHardening.isRoot { arguments += ["--user", "nobody"] }
        let second = try await Program.run("reeved", arguments)
        #expect(second.status == 1)
        #expect(second.errors.contains("keyreeve.db"))
        let alive = try await Program.run("/usr/bin/curl", ["-skf", "\(house.url)/livez"])
        #expect(alive.status == 0)
    }

    @Test(.enabled(if: ProcessHardening.isRoot)) func `does not serve as root`() async throws {
        let scratch = Scratch()
        let ending = try await Program.run("reeved", ["serve", "--data", scratch.path("data")])
        #expect(ending.status == 1)
        #expect(ending.errors.contains("--user"))
        let house = try await Installation()
        let status = try String(contentsOfFile: "/proc/\(house.serverPID)/status", encoding: .utf8)
        let users = status.split(separator: "\n").first { $0.hasPrefix("Uid:") }?.split(separator: "\t")
            .dropFirst()
        #expect(users?.contains("0") == false)
    }

    @Test func `Y04 no thread of server or signer can gain a privilege`() async throws {
        let house = try await Installation()
        for pid in [house.serverPID, try #require(house.signerPID)] {
            let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")
            for task in tasks {
                let status = try? String(contentsOfFile: "/proc/\(pid)/task/\(task)/status", encoding: .utf8)
                guard let status else { continue }  // a thread that ended meanwhile
                #expect(status.contains("NoNewPrivs:\t1"), "task \(task) of \(pid)")
            }
        }
    }

    @Test(arguments: [
        ["signer/signer.keys"], ["signer/signer.key"], ["sealing.key"], ["origin"],
        ["keyreeve.db", "keyreeve.db-wal", "keyreeve.db-shm"],
    ])
    func `never makes anew what it had and lost`(_ lost: [String]) async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let exported = try await house.reeve("audit", "export", house.scratch.path("export"))
        #expect(exported.status == 0, "a checkpoint was signed")
        try await house.killServer()
        for name in lost { try FileManager.default.removeItem(atPath: "\(house.data)/\(name)") }
        var arguments = ["serve", "--data", house.data, "--listen", "127.0.0.1:\(house.port)"]
        if ProcessHardening.isRoot { arguments += ["--user", "nobody"] }
        let ending = try await Program.run("reeved", arguments)
        #expect(ending.status == 1)
        #expect(ending.errors.contains("Restore"), "\(ending.errors)")
        #expect(
            !FileManager.default.fileExists(atPath: "\(house.data)/\(lost[0])") || lost[0] == "keyreeve.db")
    }

    @Test(arguments: ["reeved", "reeve-signer", "reeve-door", "reeve", "reeve-agent"])
    func `a wrong command line ends with status 2`(_ program: String) async throws {
        #expect(try await Program.run(program, ["--no-such-option"]).status == 2)
    }

    @Test(arguments: ["reeved", "reeve-signer", "reeve-door", "reeve", "reeve-agent", "reeve-principals"])
    func `every program tells the same version`(_ program: String) async throws {
        let ending = try await Program.run(program, ["--version"])
        #expect(ending.status == 0)
        #expect(ending.output == KEYREEVE_VERSION + "\n")
    }

    @Test func `a link works for the first key only, and for nobody twice`() async throws {
        let house = try await Installation()
        let link = try String(contentsOfFile: "\(house.data)/first-admin-link", encoding: .utf8)
        let kept = try house.scratch.write(link, to: "kept-link")
        try await house.enrolAdmin()
        await #expect(throws: Failure.self) {
            try await house.enrol("boss", link: kept, home: house.scratch.path("thief"))
        }
        let again = try await house.reeve("whoami")
        #expect(again.status == 0)
    }

    @Test func `L07 neither log, nor database, nor error shows a secret`() async throws {
        let house = try await Installation()
        let link = try String(contentsOfFile: "\(house.data)/first-admin-link", encoding: .utf8)
        let token = String(link.split(separator: "#").last?.split(separator: "~").first ?? "")
        try await house.enrolAdmin()
        let wrong = try house.scratch.write(
            "password=canary-wrong-password\ntotp=000000\n", to: "wrong.answers")
        let refused = try await house.reeve("login", "--answers-file", wrong)
        #expect(refused.status == 1)
        let session = try #require(FileManager.default.contents(atPath: "\(house.home)/session.json"))
        let bearer = try JSONDecoder().decode([String: AnyText].self, from: session)["token"]?.text ?? ""
        let secret = house.scratch.text("boss.totp").trimmingCharacters(in: .whitespacesAndNewlines)
        let canaries = [token, bearer, secret, "canary-wrong-password", "correct horse boss staple"]
        #expect(canaries.allSatisfy { $0.count > 10 })
        let files = ["\(house.data)/keyreeve.db", "\(house.data)/keyreeve.db-wal", house.scratch.path("log")]
        for file in files {
            let bytes = FileManager.default.contents(atPath: file) ?? Data()
            for canary in canaries {
                #expect(bytes.range(of: Data(canary.utf8)) == nil, "\(canary) is in \(file)")
            }
        }
        for canary in canaries {
            #expect(!refused.errors.contains(canary) && !refused.output.contains(canary))
        }
    }

    @Test func `N10 what reeve keeps, nobody else can read`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        try await house.reeve("host", "add", "lab.example.com", "--label", "group=default", "--link-only")
        try await house.reeve("login", "--if-needed")
        let found = FileManager.default.enumerator(atPath: house.home)?.allObjects as? [String] ?? []
        #expect(found.contains { $0.hasSuffix("device.key") })
        for name in found {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(house.home)/\(name)")
            let mode = (attributes[.posixPermissions] as? Int) ?? 0o777
            let isLink = attributes[.type] as? FileAttributeType == .typeSymbolicLink
            #expect(
                isLink || mode & 0o077 == 0 || name.hasSuffix(".pub"),
                "\(name) has mode \(String(mode, radix: 8))")
        }
    }

    @Test func `a damaged export is found, with its first bad index`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let export = house.scratch.path("export")
        try await house.reeve("audit", "export", export)
        let good = try await house.reeve("audit", "verify", export)
        #expect(good.status == 0)
        var lines = house.scratch.text("export").components(separatedBy: "\n")
        let third = try #require(lines.firstIndex { $0.hasPrefix("event\t2\t") })
        var fields = lines[third].components(separatedBy: "\t")
        let event = try #require(Data(base64Encoded: fields[3]))
        fields[3] = Data(String(decoding: event, as: UTF8.self).replacing("boss", with: "eve0").utf8)
            .base64EncodedString()
        lines[third] = fields.joined(separator: "\t")
        let forged = try house.scratch.write(lines.joined(separator: "\n"), to: "forged")
        let bad = try await house.reeve("audit", "verify", forged)
        #expect(bad.status == 1)
        #expect((bad.output + bad.errors).contains("event 2"))
    }

    @Test func `the last admin stays`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let ending = try await house.reeve("person", "suspend", "boss")
        #expect(ending.status == 1)
        #expect(ending.errors.contains("last-admin"))
    }
}

/// A JSON value of which only a text matters.
private struct AnyText: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        text = (try? decoder.singleValueContainer().decode(String.self)) ?? ""
    }
}
