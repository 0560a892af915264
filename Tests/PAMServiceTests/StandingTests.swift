import PAMProtocol
import PAMService
import SignIn
import Testing

private let fine = "account required pam_permit.so\n"

@Suite struct `The user that PAM is asked as` {
    private let users: [String: UInt32] = ["alice": 1_000, "daemon": 1, "toor": 0, "nobody": 65_534]

    private func account(_ user: String, _ standing: PAMOpening.Standing) -> Account {
        let opening = PAMOpening(standing, user: user, shown: user, source: "203.0.113.7")
        return Account(for: opening, standIn: "stand-in") { users[$0] }
    }

    @Test func `is the person, known to the machine or not`() {
        for name in ["alice", "known-to-ldap-alone", "0day"] {
            #expect(account(name, .person).user == name)
            #expect(account(name, .person).counts)
        }
    }

    @Test(arguments: ["root", "toor", "daemon", "nobody", "", "-x", "a b", "Alice", "al\u{e4}", "a/b", "a\n"])
    func `M05 is never root, an account of the system, or no name`(_ name: String) {
        #expect(account(name, .person).user == "stand-in")
        #expect(!account(name, .person).counts)
    }

    @Test func `is another account of the system where an admin says so`() {
        #expect(account("daemon", .mapped).counts)
        #expect(account("daemon", .mapped).user == "daemon")
        #expect(!account("root", .mapped).counts)
        #expect(!account("toor", .mapped).counts)
    }

    @Test func `is the stand-in for nobody`() {
        #expect(account("alice", .nobody).user == "stand-in")
        #expect(!account("alice", .nobody).counts)
    }
}

@Suite(.enabled(if: PlayedModule.path != nil, "needs a C compiler"), .timeLimit(.minutes(20)))
struct `Nobody who may sign in` {
    @Test func `A05 is asked the same, and refused whatever they answer`() async throws {
        let stacks = try TestStacks("auth required PLAYED two\n" + fine)
        let others = [("carol", PAMOpening.Standing.nobody), ("root", .person), ("daemon", .person)]
        for (user, standing) in others {
            let known = try await stacks.begin()
            let unknown = try await stacks.begin(user, standing)
            guard case .ask(let a, _) = known, case .ask(let b, _) = unknown else {
                throw Failure("no prompts")
            }
            #expect(a == b)
            let (c, d) = (
                try await stacks.answer(known, ["right"]), try await stacks.answer(unknown, ["right"])
            )
            guard case .ask(let e, _) = c, case .ask(let f, _) = d else {
                throw Failure("no prompts")
            }
            #expect(e == f)
            #expect(try await stacks.answer(d, ["123456"]) == .refused("nobody who may sign in"))
            #expect(try await stacks.answer(c, ["123456"]) == .proven)
        }
    }
    private func texts(_ turn: PAMDesk.Turn) -> [String] {
        guard case .ask(let prompts, _) = turn else { return [] }
        return prompts.map(\.text)
    }

    @Test func `A05 is asked what others are asked by a module that asks whom it knows`() async throws {
        let stacks = try TestStacks("auth required PLAYED picky\n" + fine)
        #expect(texts(try await stacks.begin()) == ["Code for `alice'"])
        let unknown = try await stacks.begin("", .nobody, shown: "carol")
        #expect(texts(unknown) == ["Code for `carol'"])
        #expect(try await stacks.answer(unknown, ["123456"]) == .refused("nobody who may sign in"))
    }

    @Test func `A05 is asked as often as others, and so is who answers wrongly`() async throws {
        let stacks = try TestStacks(
            "auth requisite PLAYED password\nauth required PLAYED picky\n" + fine)
        let proven = try await stacks.answer(try await stacks.begin(), ["right"], ["123456"])
        #expect(proven == .proven)
        let tries = [
            (try await stacks.begin(), "alice", "wrong"),
            (try await stacks.begin("", .nobody, shown: "carol"), "carol", "right"),
        ]
        for (first, name, password) in tries {
            let second = try await stacks.answer(first, [password])
            #expect(texts(second) == ["Code for `\(name)'"])
            guard case .refused = try await stacks.answer(second, ["123456"]) else {
                throw Failure("\(name) is not refused")
            }
        }
    }
}

@Suite(.enabled(if: PlayedModule.path != nil, "needs a C compiler"), .timeLimit(.minutes(20)))
struct `A conversation with PAM` {
    @Test func `goes on where its worker is, and nowhere else`() async throws {
        let stacks = try TestStacks("auth required PLAYED password\n" + fine)
        let other = try TestStacks("auth required PLAYED password\n" + fine)
        guard case .ask(_, let memory) = try await stacks.begin() else { throw Failure("no prompt") }
        for (desk, memory) in [
            (other.desk, memory), (stacks.desk, Array(memory.dropLast())), (stacks.desk, []),
            (stacks.desk, memory.dropLast() + [9]), (stacks.desk, memory + [0]),
        ] {
            await #expect(throws: PAMDesk.Fault.over) {
                try await desk.answer(["pam-1": "right"], memory: memory)
            }
        }
        #expect(try await stacks.desk.answer(["pam-1": "right"], memory: memory) == .proven)
        await #expect(throws: PAMDesk.Fault.over) {
            try await stacks.desk.answer(["pam-1": "right"], memory: memory)
        }
    }

    @Test func `takes each answer once`() async throws {
        let stacks = try TestStacks("auth required PLAYED two\n" + fine)
        guard case .ask(_, let first) = try await stacks.begin() else { throw Failure("no prompt") }
        let endings = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask { (try? await stacks.desk.answer(["pam-1": "right"], memory: first)) != nil }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(endings == 1)
    }

    @Test func `makes way where one place has taken all workers`() async throws {
        let stacks = try TestStacks("auth required PLAYED password\n" + fine, workers: 2)
        let (first, second) = (try await stacks.begin(), try await stacks.begin())
        let other = try await stacks.begin(source: "203.0.113.8")
        await #expect(throws: PAMDesk.Fault.over) { try await stacks.answer(first, ["right"]) }
        #expect(try await stacks.answer(other, ["right"]) == .proven)
        #expect(try await stacks.answer(second, ["right"]) == .proven)
    }
}
