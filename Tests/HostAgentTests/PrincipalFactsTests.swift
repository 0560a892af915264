import FoundationEssentials
import Glibc
import Names
import Posix
import SSHFormats
import Testing

@testable import HostAgent

/// `reeve-principals` itself, on facts that root, or somebody else, wrote.
@Suite(.enabled(if: isHost && BuiltProgram.path("reeve-principals") != nil))
struct `The answer to sshd` {
    private static let facts =
        "keyreeve-principals 1\nhost web1.example.com\nlabel env=staging\nlabel tier=web\nend\n"

    @Test(arguments: ["root", "_x", "a", "www-data", "a.b_c-", String(repeating: "a", count: 32)])
    func `is the login at the host and at each of its labels`(_ login: String) throws {
        let host = try FactsHost(Self.facts)
        let outcome = try host.ask(login)
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        #expect(
            outcome.outputText
                == "\(login)@web1.example.com\n\(login)@env=staging\n\(login)@tier=web\n")
    }

    @Test func `is what the rules of names say, for random facts of the server`() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            let label = { try Label("\(Self.name(63, &random))=\(Self.name(63, &random))") }
            let facts = PrincipalFacts(
                host: try Name(host: Self.name(253, &random)),
                labels: try (0..<Int.random(in: 0...100)).map { _ in try label() })
            let login = try Login("_" + Self.name(31, &random))
            let wanted = [PrincipalName.onHost(login, facts.host)] + facts.labels.map { .onLabel(login, $0) }
            let outcome = try FactsHost(facts.text).ask(login.text)
            #expect(outcome.outputText == wanted.map { "\($0)\n" }.joined(), "\(facts.text)")
        }
    }

    /// A name of 1 to `limit` bytes.
    private static func name(_ limit: Int, _ random: inout SystemRandomNumberGenerator) -> String {
        let ends = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        let inner = ends + ["-", "_", "."]
        var text = ""
        for _ in 0..<Int.random(in: 0..<limit, using: &random) {
            let next = text.isEmpty || text.last == "." ? ends : inner
            text.append(next.randomElement(using: &random) ?? "x")
        }
        return text + (ends.randomElement(using: &random).map(String.init) ?? "x")
    }

    @Test(arguments: [
        "", "Root", "root,x", "root\r\n", "root\n", "ro ot", " root", "root ", "%u", "$(x)", "`x`",
        "roo\u{0301}t",
        "\u{212A}", "-x", "--data", "0x", ".x", "root@x", "a=b", String(repeating: "a", count: 33),
        String(repeating: "a", count: 70_000),
    ])
    func `is nothing for what is no login`(_ login: String) throws {
        try expectNothing(try FactsHost(Self.facts).ask(login))
        #expect(throws: NameError.self) { try Login(login) }
    }

    @Test(arguments: [
        "", "\n", "end\n", "keyreeve-principals 1\n", "keyreeve-principals 1\nend\n",
        "keyreeve-principals 2\nhost a\nend\n", "keyreeve-principals 1 \nhost a\nend\n",
        "\u{FEFF}keyreeve-principals 1\nhost a\nend\n", "keyreeve-principals 1\r\nhost a\r\nend\r\n",
        "keyreeve-principals 1\nhost end\n", "keyreeve-principals 1\nhost a\n",
        "keyreeve-principals 1\nhost a\nend",
        "keyreeve-principals 1\nhost a\nend\n\n", "keyreeve-principals 1\nhost a\nend\nend\n",
        "keyreeve-principals 1\nhost a\nend\nroot\n", "keyreeve-principals 1\nhost a\n\nend\n",
        "keyreeve-principals 1\nhost a\nhost b\nend\n", "keyreeve-principals 1\nlabel a=b\nhost a\nend\n",
        "keyreeve-principals 1\nhost a\nroot\nend\n", "keyreeve-principals 1\nhost \nend\n",
        "keyreeve-principals 1\nhost a b\nend\n", "keyreeve-principals 1\nhost A\nend\n",
        "keyreeve-principals 1\nhost a..b\nend\n", "keyreeve-principals 1\nhost .a\nend\n",
        "keyreeve-principals 1\nhost a.\nend\n", "keyreeve-principals 1\nhost a-\nend\n",
        "keyreeve-principals 1\nhost _a\nend\n", "keyreeve-principals 1\nhost -a\nend\n",
        "keyreeve-principals 1\nhost a\0\nend\n", "keyreeve-principals 1\nhost a\nend\n\0",
        "keyreeve-principals 1\nhost we\u{0301}b1\nend\n", "keyreeve-principals 1\nhost \u{212A}\nend\n",
        "keyreeve-principals 1\nhost \(String(repeating: "a", count: 254))\nend\n",
        "keyreeve-principals 1\nhost a\nlabel env\nend\n", "keyreeve-principals 1\nhost a\nlabel =b\nend\n",
        "keyreeve-principals 1\nhost a\nlabel a=\nend\n", "keyreeve-principals 1\nhost a\nlabel =\nend\n",
        "keyreeve-principals 1\nhost a\nlabel a=b=c\nend\n",
        "keyreeve-principals 1\nhost a\nlabel a==b\nend\n",
        "keyreeve-principals 1\nhost a\nlabel a@b=c\nend\n",
        "keyreeve-principals 1\nhost a\nlabel a=b@c\nend\n",
        "keyreeve-principals 1\nhost a\nlabel a=b@c@d\nend\n",
        "keyreeve-principals 1\nhost a\nlabel  a=b\nend\n",
        "keyreeve-principals 1\nhost a\nlabel a=b\r\nend\n",
        "keyreeve-principals 1\nhost a\nlabel a=b\0\nend\n",
        "keyreeve-principals 1\nhost a\nlabel a=%u\nend\n",
        "keyreeve-principals 1\nhost a\nlabel a=$(x)\nend\n",
        "keyreeve-principals 1\nhost a\nlabel a=b..c\nend\n",
        "keyreeve-principals 1\nhost a\nlabel end\nend\n",
        "keyreeve-principals 1\nhost a\nlabel \(String(repeating: "a", count: 64))=b\nend\n",
    ])
    func `is nothing when one byte of the facts is wrong`(_ text: String) throws {
        try expectNothing(try FactsHost(text).ask("root"))
    }

    @Test func `is nothing when the facts are cut, wherever it is, or one byte of them is not ASCII`() throws
    {
        let bytes = Array(Self.facts.utf8)
        for count in bytes.indices {
            try expectNothing(try FactsHost(Array(bytes.prefix(count))).ask("root"))
        }
        for index in stride(from: 0, to: bytes.count, by: 3) {
            var bytes = bytes
            bytes[index] |= 0x80
            try expectNothing(try FactsHost(bytes).ask("root"))
        }
    }

    @Test func `counts 64 KiB of facts, and nothing of one byte more`() throws {
        let head = "keyreeve-principals 1\nhost a\n"
        let line = "label a=b\n"
        let tail = "end\n"
        let room = 65_536 - head.utf8.count - tail.utf8.count
        let long = "label a=" + String(repeating: "b", count: 1 + room % 10) + "\n"
        let lines = String(repeating: line, count: (room - long.utf8.count) / 10)
        let login = String(repeating: "l", count: 32)
        let whole = head + lines + long + tail
        #expect(whole.utf8.count == 65_536)
        let outcome = try FactsHost(whole).ask(login)
        #expect(outcome.status == 0)
        #expect(outcome.output.count(where: { $0 == UInt8(ascii: "\n") }) == 2 + lines.utf8.count / 10)
        try expectNothing(try FactsHost(head + lines + "label aa=" + long.dropFirst(8) + tail).ask(login))
        try expectNothing(try FactsHost(String(repeating: "x", count: 1_000_000)).ask(login))
    }

    @Test(arguments: [0o666, 0o664, 0o646, 0o020] as [UInt32])
    func `is nothing when others than root may write the facts`(_ mode: UInt32) throws {
        let host = try FactsHost(Self.facts)
        unsafe chmod(host.file, mode)
        try expectNothing(try host.ask("root"), saying: "can be written by others")
    }

    @Test func `is nothing when another owns the facts`() throws {
        let host = try FactsHost(Self.facts)
        unsafe chown(host.file, 1, 0)
        try expectNothing(try host.ask("root"), saying: "can be written by others")
    }

    @Test func `is nothing for a link, a folder, a pipe or no file`() throws {
        let host = try FactsHost(Self.facts)
        unsafe rename(host.file, host.file + ".real")
        try expectNothing(try host.ask("root"), saying: "cannot be opened")
        unsafe symlink("principals.facts.real", host.file)
        try expectNothing(try host.ask("root"), saying: "cannot be opened")
        unsafe unlink(host.file)
        unsafe mkdir(host.file, 0o755)
        try expectNothing(try host.ask("root"), saying: "not a regular file")
        unsafe rmdir(host.file)
        unsafe mkfifo(host.file, 0o644)
        try expectNothing(try host.ask("root"), saying: "not a regular file")
    }

    @Test(arguments: [
        [], ["--data"], ["--data", "/x"], ["a", "b"], ["root", "--data", "/x"], ["a", "b", "c", "d"],
    ])
    func `is a usage error for other arguments`(_ arguments: [String]) throws {
        let outcome = try FactsHost(Self.facts).run(arguments)
        try expectNothing(outcome)
        #expect(outcome.status == (arguments == ["--data"] ? 1 : 2))
    }

    private func expectNothing(
        _ outcome: Subprocess.Outcome, saying sentence: String = "reeve-principals: "
    ) throws {
        #expect(outcome.status == 1 || outcome.status == 2)
        #expect(outcome.output.isEmpty)
        #expect(outcome.complaint.contains(sentence), "\(outcome.complaint)")
        #expect(outcome.errors.count < 300)
    }
}

/// A folder that is the agent's as far as `reeve-principals` looks.
private final class FactsHost: Sendable {
    private let path = "/run/keyreeve-facts-\(UInt32.random(in: 0 ... .max))"
    var file: String { path + "/ssh/current/principals.facts" }

    convenience init(_ text: String) throws { try self.init(Array(text.utf8)) }

    init(_ facts: [UInt8]) throws {
        try FileTree.make(path + "/ssh/set")
        try FileTree.point(path + "/ssh/current", to: "set")
        try DurableFile(file).write(facts, mode: 0o644)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func ask(_ login: String) throws -> Subprocess.Outcome { try run(["--data", path, login]) }

    func run(_ arguments: [String]) throws -> Subprocess.Outcome {
        try Subprocess.run(try #require(BuiltProgram.path("reeve-principals")), arguments)
    }
}
