import Foundation
import PAMProtocol
import Posix
import SignIn
import Testing

private let fine = "account required pam_permit.so\n"

@Suite(.enabled(if: PlayedModule.path != nil, "needs a C compiler"), .timeLimit(.minutes(20)))
struct `A module of PAM` {
    @Test(arguments: ["crash", "abort", "exit"])
    func `that ends its process is a refusal`(_ how: String) async throws {
        let stacks = try TestStacks("auth required PLAYED \(how)\n" + fine)
        for _ in 0..<8 { #expect(try await stacks.end() == .refused("the worker ended")) }
        try await stacks.settle()
        #expect(stacks.desk.count == 0)
    }

    @Test(arguments: ["hang", "spin", "stop"])
    func `that hangs is ended in time`(_ how: String) async throws {
        let stacks = try TestStacks("auth required PLAYED \(how)\n" + fine, seconds: 5, patience: 500)
        var turn = try await stacks.begin()
        while case .ask(let prompts, let memory) = turn {
            #expect(prompts == [PAMPrompt(kind: .wait, name: "pam-wait", text: "Waiting")])
            turn = try await stacks.desk.answer(["pam-wait": ""], memory: memory)
        }
        // Who ends it first, the server or reeve-pam, is a matter of milliseconds.
        #expect([.refused("it took too long"), .refused("the worker ended")].contains(turn))
        try await stacks.settle()
    }

    @Test func `that hangs takes no worker once nobody waits for it`() async throws {
        let stacks = try TestStacks(
            "auth required PLAYED hang-after\n" + fine, workers: 2, seconds: 300, patience: 100)
        for _ in 0..<3 {
            let turn = try await stacks.answer(try await stacks.begin(), ["right"])
            guard case .ask(let prompts, _) = turn else { throw Failure("\(turn)") }
            #expect(prompts.map(\.kind) == [.wait])
            #expect(stacks.workers.count == 1)
            stacks.desk.close()
            try await stacks.settle()
        }
    }

    @Test func `that makes noise is not heard`() async throws {
        let stacks = try TestStacks("auth required PLAYED noise\n" + fine)
        #expect(try await stacks.answer(try await stacks.begin(), ["right"]) == .proven)
    }

    @Test func `that leaves a child behind does not keep it`() async throws {
        let stacks = try TestStacks("auth required PLAYED child\n" + fine)
        let turn = try await stacks.begin()
        let worker = try #require(stacks.workers.first)
        let child = try #require(children(of: worker).first)
        #expect(try await stacks.answer(turn, ["right"]) == .proven)
        try await stacks.settle()
        for _ in 0..<500 where isRunning(child) {
            try await Task.sleep(for: .milliseconds(10))  // polls: the kernel ends it a moment later
        }
        #expect(!isRunning(child))
    }

    @Test func `that starts daemons leaves none, however its conversation ends`() async throws {
        let stacks = try TestStacks("auth required PLAYED daemons\n" + fine, workers: 2)
        let other = try await stacks.begin(source: "203.0.113.1")
        let standing = try #require(stacks.workers.first)
        for isAnswered in [true, false] {
            let turn = try await stacks.begin(source: "203.0.113.2")
            let worker = try #require(stacks.workers.first { $0 != standing })
            if isAnswered {
                #expect(try await stacks.answer(turn, ["right"]) == .proven)
            } else {
                kill(worker, SIGKILL)
            }
            try await stacks.settle(1)
            #expect(stacks.workers == [standing])
            #expect(descendants(of: standing).count >= 20, "those of another conversation stay")
        }
        #expect(try await stacks.answer(other, ["right"]) == .proven)
        try await stacks.settle()
        #expect(stacks.descendants == [])
    }

    @Test func `cannot take more than its workers`() async throws {
        let stacks = try TestStacks("auth required PLAYED password\n" + fine, workers: 2)
        let first = try await stacks.begin(source: "203.0.113.1")
        let second = try await stacks.begin(source: "203.0.113.2")
        await #expect(throws: PAMDesk.Fault.busy("all workers are taken")) {
            try await stacks.begin(source: "203.0.113.3")
        }
        #expect(try await stacks.answer(first, ["right"]) == .proven)
        try await stacks.settle(1)
        let third = try await stacks.begin(source: "203.0.113.3")
        #expect(try await stacks.answer(second, ["right"]) == .proven)
        #expect(try await stacks.answer(third, ["right"]) == .proven)
    }

    @Test func `serves many, one after the other, and leaves nothing`() async throws {
        let stacks = try TestStacks("auth required PLAYED password\n" + fine, workers: 8)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for one in 0..<8 {
                group.addTask {
                    for _ in 0..<5 {
                        let turn = try await stacks.begin(source: "203.0.113.\(one)")
                        #expect(try await stacks.answer(turn, ["right"]) == .proven)
                    }
                }
            }
            try await group.waitForAll()
        }
        try await stacks.settle()
        #expect(stacks.desk.count == 0)
    }
}
