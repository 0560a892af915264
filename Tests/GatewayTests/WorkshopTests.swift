import AuthorityAPI
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Gateway

/// A workshop whose door is shut: what comes is kept, and done once it is opened.
private final class ShutWorkshop: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isOpen = false
    }

    private let state = Mutex(State())
    private let arrivals: AsyncStream<Void>
    private let arrived: AsyncStream<Void>.Continuation

    init() { (arrivals, arrived) = AsyncStream.makeStream(of: Void.self) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isOpen = state.withLock { state in
            if !state.isOpen { state.jobs.append(job) }
            return state.isOpen
        }
        arrived.yield()
        if isOpen { run(job) }
    }

    /// Returns once something waits.
    func something() async {
        for await _ in arrivals { return }
    }

    func open() {
        let jobs = state.withLock { state in
            state.isOpen = true
            defer { state.jobs = [] }
            return state.jobs
        }
        for job in jobs { run(job) }
    }

    private func run(_ job: UnownedJob) { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
}

@Suite struct `What takes long to compute` {
    private static let long: [TestRequest] = [
        TestRequest(.userKRL), TestRequest(.hostKRL), TestRequest(.reach), TestRequest(.policy),
        TestRequest(.explain, #"{"to":"web1","as":"deploy"}"#), TestRequest(.events),
        TestRequest(.policyHistory), TestRequest(.policyWho), TestRequest(.identities),
        TestRequest(
            .policyApply,
            #"{"text":"grants:\n  - {name: admins, who: [alice], to: [authority], as: [admin]}\n"}"#),
    ]

    /// Both requests are handled on one and the same event loop, as on two connections that share it.
    @Test(arguments: 0..<long.count) func `leaves the event loop to others`(_ number: Int) async throws {
        let workshop = ShutWorkshop()
        let door = try await TestDoor(workshop: workshop)
        let request = try Self.long[number].signed(by: door)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = LoopExecutor(group.next())
        let slow = Task(executorPreference: loop) { try await door.send(request) }
        await workshop.something()
        let other = Task(executorPreference: loop) { try await door.send(TestRequest(.livez)) }
        #expect(try await other.value.status == 200)
        workshop.open()
        #expect(try await slow.value.status == 200)
        try await group.shutdownGracefully()
    }

    @Test func `is a new policy too, for whoever meets it first`() async throws {
        let workshop = ShutWorkshop()
        let door = try await TestDoor(workshop: workshop)
        let request = try TestRequest(.session).signed(by: door)
        let first = Task { try await door.send(request) }
        await workshop.something()
        #expect(try await door.send(TestRequest(.authority)).status == 200)
        workshop.open()
        #expect(try await first.value.status == 200)
    }

    @Test func `is done by as many at once as there are threads`() async {
        let workshop = Workshop(threads: 2)
        let work = Work()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<64 { group.addTask(executorPreference: workshop) { work.perform() } }
        }
        #expect(work.done == 64)
        #expect((1...2).contains(work.most))
    }
}

/// Counts how often it is done, and by how many at once.
private final class Work: Sendable {
    private let state = Mutex((running: 0, most: 0, done: 0))

    var done: Int { state.withLock(\.done) }
    var most: Int { state.withLock(\.most) }

    func perform() {
        state.withLock { state in
            state.running += 1
            state.most = max(state.most, state.running)
        }
        let sum = (0..<10_000).reduce(0, &+)
        state.withLock { state in
            state.running -= 1
            state.done += sum == 49_995_000 ? 1 : 0
        }
    }
}
