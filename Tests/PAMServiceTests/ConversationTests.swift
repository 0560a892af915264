import PAMProtocol
import SignIn
import Testing

private let fine = "account required pam_permit.so\n"

@Suite(.enabled(if: PlayedModule.path != nil, "needs a C compiler"), .timeLimit(.minutes(20)))
struct `A stack of PAM` {
    @Test func `is asked prompt by prompt`() async throws {
        let stacks = try TestStacks("auth required PLAYED two\n" + fine)
        let first = try await stacks.begin()
        guard case .ask(let password, _) = first else { throw Failure("\(first)") }
        #expect(password == [PAMPrompt(kind: .secret, name: "pam-1", text: "Password")])
        let second = try await stacks.answer(first, ["right"])
        guard case .ask(let code, _) = second else { throw Failure("\(second)") }
        #expect(code == [PAMPrompt(kind: .text, name: "pam-2", text: "A code is on its way\nCode")])
        #expect(try await stacks.answer(second, ["123456"]) == .proven)
        #expect(stacks.desk.count == 0)
        try await stacks.settle()
    }

    @Test(arguments: [["wrong", "123456"], ["right", "1234567"], ["", ""]])
    func `lets nobody in with a wrong answer`(_ answers: [String]) async throws {
        let stacks = try TestStacks("auth required PLAYED two\n" + fine)
        let end = try await stacks.answer(try await stacks.begin(), [answers[0]], [answers[1]])
        #expect(end == .refused("authenticate: authentication failure"))
    }

    @Test func `may have the person wait`() async throws {
        let stacks = try TestStacks("auth required PLAYED push\n" + fine, patience: 300)
        var turn = try await stacks.begin()
        var texts: [String] = []
        while case .ask(let prompts, let memory) = turn {
            #expect(prompts.map(\.kind) == [.wait] && prompts.map(\.name) == ["pam-wait"])
            texts += prompts.map(\.text)
            turn = try await stacks.desk.answer(["pam-wait": ""], memory: memory)
        }
        #expect(turn == .proven)
        // Before the module has begun to speak, the person just waits.
        #expect(Set(texts).subtracting(["Waiting"]) == ["Approve it on your phone"])
    }

    @Test func `takes 32 questions at once, and no more`() async throws {
        let stacks = try TestStacks("auth required PLAYED thirty-two\n" + fine)
        let turn = try await stacks.begin()
        guard case .ask(let prompts, _) = turn else { throw Failure("\(turn)") }
        #expect(prompts.count == 32)
        #expect(try await stacks.answer(turn, prompts.map { _ in "x" }) == .proven)
        let more = try TestStacks("auth required PLAYED hundred-at-once\n" + fine)
        #expect(try await more.end() == .refused("it asks 100 things at once"))
    }

    @Test func `is refused when it asks for ever`() async throws {
        let stacks = try TestStacks("auth required PLAYED hundred\n" + fine, seconds: 300)
        var turn = try await stacks.begin()
        var rounds = 0
        while case .ask = turn {
            turn = try await stacks.answer(turn, ["right"])
            rounds += 1
        }
        #expect(rounds == 32)
        #expect(turn == .refused("it asks too often"))
    }

    @Test(
        arguments: [
            ("long", "a message is longer than 4096 bytes"), ("babble", "it tells too often"),
            ("style", "it asks in a way that is not known"),
            ("delay", "authenticate: authentication failure"),
            ("rename", "another user"), ("memory", "authenticate: no memory"),
        ]) func `L06 is refused beyond its bounds`(_ how: String, _ reason: String) async throws
    {
        let stacks = try TestStacks("auth required PLAYED \(how)\n" + fine)
        #expect(try await stacks.end() == .refused(reason))
        try await stacks.settle()
    }

    @Test func `L06 cannot write on anybody's terminal`() async throws {
        let stacks = try TestStacks("auth required PLAYED control\n" + fine)
        guard case .ask(let prompts, _) = try await stacks.begin() else { throw Failure("no prompt") }
        #expect(
            prompts.map(\.text) == ["\u{FFFD}]0;owned\u{FFFD}\u{FFFD}[2JPass\nword\u{FFFD}\u{FFFD}"])
    }

    @Test func `knows where the person is`() async throws {
        let stacks = try TestStacks("auth required PLAYED items\n" + fine)
        #expect(try await stacks.end() == .proven)
        #expect(
            try await stacks.end(source: "203.0.113.8") == .refused("authenticate: authentication failure"))
    }

    @Test func `has a say on the account, once the person has proven to be themselves`() async throws {
        let expired = try TestStacks("auth required PLAYED password\naccount required PLAYED expired\n")
        #expect(try await expired.answer(try await expired.begin(), ["right"]) == .passwordExpired)
        #expect(
            try await expired.answer(try await expired.begin(), ["wrong"])
                == .refused("authenticate: authentication failure"))
        let gone = try TestStacks("auth required PLAYED password\naccount required PLAYED gone\n")
        #expect(
            try await gone.answer(try await gone.begin(), ["right"]) == .refused("account: account expired"))
    }

    @Test func `that is not there refuses`() async throws {
        let stacks = try TestStacks("auth required /nowhere/pam_missing.so\n" + fine)
        guard case .refused = try await stacks.end() else { throw Failure("it does not refuse") }
    }

    @Test func `gets answers of 1024 bytes whole, and longer ones not at all`() async throws {
        let stacks = try TestStacks("auth required PLAYED password\n" + fine)
        let turn = try await stacks.begin()
        for answer in [String(repeating: "x", count: 1_025), "right\0"] {
            await #expect(
                throws: PAMDesk.Fault.badAnswers("pam-1: up to 1024 bytes, none of them NUL")
            ) { try await stacks.answer(turn, [answer]) }
        }
        guard case .ask(_, let memory) = turn else { throw Failure("no prompt") }
        for answers in [[:], ["password": "right"], ["pam-1": "right", "pam-2": "right"]] {
            await #expect(throws: PAMDesk.Fault.badAnswers("answers: pam-1")) {
                try await stacks.desk.answer(answers, memory: memory)
            }
        }
        #expect(try await stacks.answer(turn, ["right"]) == .proven)
    }
}
