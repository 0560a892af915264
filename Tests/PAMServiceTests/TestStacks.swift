import Foundation
import PAMProtocol
import Posix
import SignIn

struct Failure: Error {
    let text: String
    init(_ text: String) { self.text = text }
}

/// `reeve-pam serve` over a stack of the test's own, and the server's end of it.
final class TestStacks: Sendable {
    let folder: String
    let desk: PAMDesk
    private let child: ChildProcess

    /// - Parameters:
    ///   - stack: Lines of pam.d(5); `PLAYED` is the played module.
    ///   - before: A command that runs the program which follows it.
    init(
        _ stack: String, workers: Int = 4, seconds: UInt64 = 60, patience: UInt64 = 20_000,
        refusalStep: UInt64 = 0, before: [String] = []
    ) throws {
        guard let played = PlayedModule.path else { throw Failure("no C compiler") }
        folder = FileManager.default.temporaryDirectory.path + "/keyreeve-stacks-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try stack.replacingOccurrences(of: "PLAYED", with: played)
            .write(toFile: "\(folder)/reeve", atomically: true, encoding: .utf8)
        let socket = "/tmp/reeve-pam-\(UUID().uuidString.prefix(8)).sock"
        let command =
            before + [
                try Self.program(), "serve", "--socket", socket, "--stacks", folder, "--workers",
                String(workers), "--seconds", String(seconds),
            ]
        child = try ChildProcess(command[0], Array(command.dropFirst()))
        desk = PAMDesk(
            PAMSettings(
                socket: socket, seconds: seconds, refusalStep: refusalStep, questionStep: 0,
                patience: patience),
            random: { (try? secureRandom($0)) ?? [] })
        let deadline = Deadline.after(milliseconds: 120_000)
        // polls: until the program listens.
        while (try? UnixConnection.connect(socket)) == nil {
            guard Deadline.after(milliseconds: 0) < deadline else { throw Failure("it does not start") }
            BlockingThread.pause(milliseconds: 10)
        }
    }

    deinit {
        child.send(signal: 15)
        _ = try? child.wait()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func begin(
        _ user: String = "alice", _ standing: PAMOpening.Standing = .person, shown: String? = nil,
        source: String = "203.0.113.7"
    ) async throws -> PAMDesk.Turn {
        let opening = PAMOpening(standing, user: user, shown: shown ?? user, source: source)
        let (prompts, memory) = try await desk.begin(opening)
        return .ask(prompts, memory: memory)
    }

    /// The end of a conversation in which nothing is asked.
    func end(source: String = "203.0.113.7") async throws -> PAMDesk.Turn {
        try await asked(try await begin(source: source))
    }

    /// Waits until something is asked, or it ends.
    func asked(_ turn: PAMDesk.Turn) async throws -> PAMDesk.Turn {
        var turn = turn
        while case .ask(let prompts, let memory) = turn, prompts.map(\.kind) == [.wait] {
            turn = try await desk.answer([:], memory: memory)
        }
        return turn
    }

    /// Answers the rounds of a turn, one after the other.
    func answer(_ turn: PAMDesk.Turn, _ rounds: [String]...) async throws -> PAMDesk.Turn {
        var turn = turn
        for answers in rounds {
            turn = try await asked(turn)
            guard case .ask(let prompts, let memory) = turn else { return turn }
            let names = prompts.filter { $0.kind != .wait }.map(\.name)
            turn = try await desk.answer(
                Dictionary(uniqueKeysWithValues: zip(names, answers)), memory: memory)
        }
        return turn
    }

    /// Processes that `reeve-pam serve` started and that are there.
    var workers: [Int32] { children(of: child.pid) }

    /// With what those started.
    var descendants: [Int32] { PAMServiceTests.descendants(of: child.pid) }

    /// Waits until all workers but so many are gone.
    func settle(_ left: Int = 0) async throws {
        for _ in 0..<6_000 where workers.count > left {
            try await Task.sleep(for: .milliseconds(10))  // polls: another program reaps them
        }
        guard workers.count <= left else { throw Failure("workers stay: \(workers)") }
    }

    /// A program of ours, as built beside the tests.
    static func program() throws -> String {
        let bundle = CommandLine.arguments.compactMap { argument in
            argument.firstRange(of: ".xctest").map { String(argument[..<$0.lowerBound]) }
        }
        let path = try bundle.first ?? CurrentProcess.executable()
        return path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/reeve-pam"
    }
}
