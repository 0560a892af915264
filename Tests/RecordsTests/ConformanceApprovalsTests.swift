import Authority
import Names
import SSHFormats
import Testing

@Suite struct `A storage engine keeps requests that need approvals` {
    private static let end = Sample.noon.advanced(by: 3_600)

    private func request(
        _ number: UInt64, wish: UInt8 = 1, host: String? = "db1", reason: String? = "disk \u{202e}'; --"
    ) throws -> ApprovalRequest {
        ApprovalRequest(
            number: number, wish: Sample.hash(wish), requester: try IdentityID("alice"),
            device: try IdentityID("device:alice.laptop"),
            subject: .certificate(
                grant: try Name("prod"), host: try host.map { try Name(host: $0) },
                login: try Login("root")),
            approval: Approval(by: try Name("leads"), count: 2), policy: 7, source: "192.0.2.1",
            reason: reason, document: "request: \(number)\n",
            askedAt: Sample.noon, notAfter: Self.end)
    }

    private func recovery(_ number: UInt64, of name: String, from source: String) throws -> ApprovalRequest {
        ApprovalRequest(
            number: number, wish: Sample.hash(UInt8(number)), requester: try IdentityID(name), device: nil,
            subject: .recovery(number: "0471"), approval: Approval(by: try Name("leads"), count: 2),
            policy: 7, source: source, reason: nil, document: "request: \(number)\n", askedAt: Sample.noon,
            notAfter: Self.end)
    }

    private func vote(_ name: String, yes: Bool = true, at seconds: Int64 = 1) throws -> ApprovalVote {
        ApprovalVote(
            person: try IdentityID(name), isApproval: yes, reason: yes ? nil : "no",
            key: try Sample.privateKey(3).publicKey.fingerprint, signature: "SIG",
            at: Sample.noon.advanced(by: seconds))
    }

    private func opened(_ engine: Engine) async throws -> any Storage {
        let store = try await engine.open()
        for name in ["alice", "bob", "carol", "dave"] {
            try await store.keep(.identityAdded(try Sample.person(name)))
        }
        return store
    }

    @Test(arguments: Engine.allCases) func `as they were asked, each number once, no more than may wait`(
        _ engine: Engine
    ) async throws {
        let store = try await opened(engine)
        #expect(try await store.lastApproval() == 0)
        let first = try request(1)
        try await store.keep(.approvalAsked(first, most: 2))
        #expect(try await store.approval(1) == ApprovalFound(request: first, votes: []))
        #expect(try await store.approval(2) == nil)
        #expect(
            await conflict { try await store.keep(.approvalAsked(try request(1), most: 9)) }
                == .conflict(.exists))
        let second = try request(2, wish: 2, host: nil, reason: nil)
        try await store.keep(.approvalAsked(second, most: 2))
        #expect(
            await conflict { try await store.keep(.approvalAsked(try request(3), most: 2)) }
                == .conflict(.tooMany))
        #expect(try await store.lastApproval() == 2)
        #expect(try await store.approvals(ApprovalQuery()).map(\.request) == [second, first])
        let found = try await store.approvals(
            ApprovalQuery(requester: first.requester, wish: Sample.hash(1), isLive: true))
        #expect(found.map(\.request.number) == [1])
        #expect(try await store.approvals(ApprovalQuery(before: 2)).map(\.request.number) == [1])
        #expect(try await store.approvals(ApprovalQuery(limit: 1)).map(\.request.number) == [2])
        #expect(try await store.approvals(ApprovalQuery(endedBy: Self.end)).count == 2)
        #expect(try await store.approvals(ApprovalQuery(endedBy: Self.end.advanced(by: -1))).isEmpty)
    }

    @Test(arguments: Engine.allCases) func `and recoveries, so many of one person and from one address`(
        _ engine: Engine
    ) async throws {
        let store = try await opened(engine)
        for (number, name, source) in [
            (UInt64(1), "alice", "192.0.2.1"), (2, "alice", "192.0.2.2"), (3, "bob", "192.0.2.1"),
        ] { try await store.keep(.approvalAsked(try recovery(number, of: name, from: source), most: 2)) }
        #expect(try await store.approval(3)?.request == (try recovery(3, of: "bob", from: "192.0.2.1")))
        for (name, source) in [("alice", "192.0.2.3"), ("carol", "192.0.2.1")] {
            let next = try recovery(4, of: name, from: source)
            #expect(
                await conflict { try await store.keep(.approvalAsked(next, most: 2)) }
                    == .conflict(.tooMany))
        }
        let act = ApprovalRequest(
            number: 6, wish: Sample.hash(6), requester: try IdentityID("alice"), device: nil,
            subject: .act(grant: try Name("admins"), "POST /v1/policy"),
            approval: Approval(by: try Name("leads"), count: 1), policy: 7, source: "192.0.2.1", reason: nil,
            document: "request: 6\n", askedAt: Sample.noon, notAfter: Self.end)
        try await store.keep(.approvalAsked(act, most: 1))
        #expect(try await store.approval(6)?.request == act)
        // Certificates that the person asks for are counted by themselves.
        try await store.keep(.approvalAsked(try request(4), most: 1))
        try await store.keep(.approvalAsked(try recovery(5, of: "carol", from: "192.0.2.2"), most: 2))
    }

    @Test(arguments: Engine.allCases) func `with one vote of each person, approved once enough agree`(
        _ engine: Engine
    ) async throws {
        let store = try await opened(engine)
        try await store.keep(.approvalAsked(try request(1), most: 8))
        try await store.keep(.approvalVoted(1, try vote("bob")))
        #expect(try await store.approval(1)?.request.state == .open)
        #expect(
            await conflict { try await store.keep(.approvalVoted(1, try vote("bob", at: 2))) }
                == .conflict(.exists))
        #expect(
            await conflict { try await store.keep(.approvalUsed(1, at: Sample.noon)) }
                == .conflict(.approvalGone))
        try await store.keep(.approvalVoted(1, try vote("carol", at: 3)))
        let found = try #require(try await store.approval(1))
        #expect(found.request.state == .approved)
        #expect(found.votes == [try vote("bob"), try vote("carol", at: 3)])
        #expect(
            await conflict { try await store.keep(.approvalUsed(1, at: Self.end)) }
                == .conflict(.approvalGone))
        try await store.keep(.approvalUsed(1, at: Sample.noon))
        #expect(try await store.approval(1)?.request.state == .used)
        for fact in [
            Fact.approvalUsed(1, at: Sample.noon), .approvalVoted(1, try vote("dave")),
            .approvalEnded(1, at: Self.end), .approvalVoted(9, try vote("dave")),
        ] {
            #expect(await conflict { try await store.keep(fact) } == .conflict(.approvalGone))
        }
        #expect(try await store.approvals(ApprovalQuery(isLive: true)).isEmpty)
    }

    @Test(arguments: Engine.allCases)
    func `until one says no, who may have agreed before, or the time is over`(
        _ engine: Engine
    ) async throws {
        let store = try await opened(engine)
        for number in UInt64(1)...3 { try await store.keep(.approvalAsked(try request(number), most: 8)) }
        try await store.keep(.approvalVoted(1, try vote("bob")))
        try await store.keep(.approvalVoted(1, try vote("bob", yes: false, at: 2)))
        let denied = try #require(try await store.approval(1))
        #expect(denied.request.state == .denied)
        #expect(denied.votes == [try vote("bob", yes: false, at: 2)])
        #expect(
            await conflict { try await store.keep(.approvalVoted(1, try vote("carol"))) }
                == .conflict(.approvalGone))
        #expect(
            await conflict { try await store.keep(.approvalVoted(2, try vote("bob", at: 3_600))) }
                == .conflict(.approvalGone))
        try await store.keep(.approvalEnded(2, at: Self.end))
        #expect(try await store.approval(2)?.request.state == .expired)
        #expect(try await store.approvals(ApprovalQuery(isLive: true)).map(\.request.number) == [3])
    }

    @Test(arguments: Engine.allCases) func `and takes one for good together with its certificate, or neither`(
        _ engine: Engine
    ) async throws {
        let store = try await opened(engine)
        try await store.keep(.approvalAsked(try request(1), most: 8))
        for name in ["bob", "carol"] { try await store.keep(.approvalVoted(1, try vote(name))) }
        let alice = try IdentityID("alice")
        let taken = await withTaskGroup(of: StoreError?.self) { group in
            for serial in UInt64(1)...12 {
                group.addTask {
                    await conflict {
                        try await store.keep(
                            .certificateIssued(try Sample.certificate(serial, for: alice)),
                            .approvalUsed(1, at: Sample.noon))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(taken.count { $0 == nil } == 1)
        #expect(taken.count { $0 == .conflict(.approvalGone) } == 11)
        #expect(try await store.certificates(of: alice, limit: 20).count == 1)
    }
}
