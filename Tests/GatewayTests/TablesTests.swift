import AuthorityAPI
import Hummingbird
import Names
import SSHFormats
import Synchronization
import Testing

@testable import Gateway

@Suite struct `Bounded tables` {
    @Test func `ids of proofs leave when their proof cannot count any more`() throws {
        let ids = ProofIDs(limit: 3, tolerance: 60)
        let key = try PrivateKey.generate(.ecdsaP256).publicKey
        for second in UInt64(1000)..<1003 {
            try ids.take("a", by: key, issuedAt: UnixTime(second), now: UnixTime(1000))
        }
        #expect(throws: DoorError.full("proofs")) {
            try ids.take("b", by: key, issuedAt: UnixTime(1003), now: UnixTime(1060))
        }
        #expect(throws: DoorError.proofUsed) {
            try ids.take("a", by: key, issuedAt: UnixTime(1000), now: UnixTime(1060))
        }
        try ids.take("b", by: key, issuedAt: UnixTime(1003), now: UnixTime(1061))
        #expect(ids.count == 3)
    }

    @Test func `the same id by another key is another proof`() throws {
        let ids = ProofIDs(limit: 3, tolerance: 60)
        for _ in 0..<2 {
            try ids.take(
                "a", by: PrivateKey.generate(.ecdsaP256).publicKey, issuedAt: UnixTime(5), now: UnixTime(5))
        }
        #expect(ids.count == 2)
    }

    @Test func `time at either end does not trap`() throws {
        let ids = ProofIDs(limit: 3, tolerance: .max)
        let key = try PrivateKey.generate(.ecdsaP256).publicKey
        try ids.take("a", by: key, issuedAt: .forever, now: UnixTime(0))
        try ids.take("b", by: key, issuedAt: UnixTime(0), now: .forever)
    }

    @Test func `connections are counted by source`() {
        let table = SourceTable(limit: 2)
        #expect(table.enter("a") && table.enter("a") && table.enter("b"))
        #expect(!table.enter("a"))
        #expect(table.total == 3)
        table.leave("a")
        #expect(table.enter("a"))
        for source in ["a", "a", "b", "b", "c"] { table.leave(source) }
        #expect(table.total == 0)
    }

    @Test func `repetitions wait for each other and not for others`() async throws {
        let repetitions = Repetitions(limit: 100)
        try await repetitions.enter([1])
        try await repetitions.enter([2])
        let order = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    guard (try? await repetitions.enter([1])) != nil else { return false }
                    repetitions.leave([1])
                    return true
                }
            }
            repetitions.leave([1])
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(order == [Bool](repeating: true, count: 50))
        try await repetitions.enter([1])
    }

    @Test func `event streams beyond the limit are refused until one ends`() async throws {
        let streams = EventStreams(limit: 1)
        let (versions, source) = AsyncStream.makeStream(of: UInt64.self)
        let counted = try streams.counted(versions)
        #expect(throws: DoorError.full("event streams")) { try streams.counted(versions) }
        source.yield(7)
        source.finish()
        #expect(await counted.reduce(into: [UInt64]()) { $0.append($1) } == [7])
        while streams.count > 0 { await Task.yield() }
        _ = try streams.counted(versions)
    }
}

@Suite struct `The push to hosts` {
    @Test(arguments: [(0, 1_000), (1, 1_000), (100, 1_000), (300, 3_000), (5_000, 50_000), (7_000, 60_000)])
    func `N08 asks agents that are cut off to come back 100 a second`(_ count: Int, _ retry: Int) throws {
        let streams = EventStreams(limit: 10_000)
        let open = try (0..<count).map { _ in try streams.counted(AsyncStream { _ in }) }
        #expect(streams.retry == retry)
        withExtendedLifetime(open) {}
    }

    @Test func `is server-sent events`() async throws {
        let (versions, source) = AsyncStream.makeStream(of: UInt64.self)
        source.yield(7)
        source.yield(8)
        source.finish()
        let written = Written()
        try await HostEventStream(versions: versions, keepAlive: .seconds(3600), retry: { 1_000 }).body
            .write(written)
        let text = written.bytes.withLock { String(decoding: $0, as: UTF8.self) }
        #expect(text.hasSuffix("retry: 1000\nevent: state\ndata: {\"version\":8}\n\n"))
    }

    @Test func `gives signs of life`() async throws {
        let (versions, source) = AsyncStream.makeStream(of: UInt64.self)
        let stream = HostEventStream(versions: versions, keepAlive: .milliseconds(1), retry: { 2_500 })
        let first = await withTaskGroup(of: String.self) { group in
            group.addTask {
                let writer = EndingWriter()
                try? await stream.body.write(writer)
                return writer.first.withLock { $0 }
            }
            let text = await group.next() ?? ""
            source.finish()
            return text
        }
        #expect(first == "retry: 2500\n\n")
    }
}

@Suite struct `A link` {
    @Test func `keeps token and pin behind the hash`() {
        let token = Secret("TOKEN")
        #expect(LinkText(authority: "ca:7443", pin: "PIN").text(token) == "https://ca:7443/enrol#TOKEN~PIN")
        #expect(LinkText(authority: "ca", pin: nil).text(token) == "https://ca/enrol#TOKEN")
    }
}

@Suite struct `A line of the log` {
    @Test func `L06 is one line of printable ASCII, and not too long`() {
        let text = RequestLog.line("a\r\nb\u{1b}[31m\u{e9}" + String(repeating: "x", count: 2000))
        #expect(text.hasPrefix("a??b?[31m??x"))
        #expect(text.utf8.count == 1000)
    }
}
