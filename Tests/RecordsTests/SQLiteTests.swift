import Authority
import Glibc
import Ledger
import Names
import Posix
import SSHFormats
import Testing

@testable import Records

@Suite struct `Records in an SQLite file` {
    @Test func `S11: are refused to a second opener, and free after the first`() async throws {
        let folder = try TemporaryFolder()
        do {
            let first = try await folder.records()
            await #expect(throws: RecordsError.inUse(path: folder.database)) { try await folder.records() }
            try await first.keep(.hostStateMoved)
            await first.close()
            await #expect(throws: StoreError.self) { try await first.keep(.hostStateMoved) }
        }
        #expect(try await folder.records().hostStateVersion() == 1)
    }

    @Test func `sync every commit, as the engine itself says`() throws {
        let connection = try SQLiteConnection(path: try TemporaryFolder().database)
        let settings = try connection.settings()
        #expect(settings.synchronous == 2)
        #expect(settings.journalMode == "wal")
        #expect(settings.foreignKeys == 1)
    }

    @Test func `are readable by nobody else`() async throws {
        let folder = try TemporaryFolder()
        let records = try await folder.records()
        try await records.keep(.hostStateMoved)
        for suffix in ["", "-wal", "-shm", ".lock"] {
            #expect(try DurableFile(folder.database + suffix).access().isPrivate)
        }
    }

    @Test func `keep everything over a restart`() async throws {
        let folder = try TemporaryFolder()
        let alice = try Sample.person(login: "al")
        let issued = try Sample.certificate(1, for: alice.id)
        let before = try await growth(folder) { records in
            try await records.keep(
                .identityAdded(alice), .certificateIssued(issued), .totpStepTaken(alice.id, step: 3))
            for number in 0..<300 { _ = try await records.record(Entry([], event: Sample.event(number))) }
            try await records.keep(checkpoint: "c", size: 300)
        }
        let after = try await growth(folder) { (records) async throws in
            #expect(try await records.identity(alice.id) == alice)
            #expect(try await records.certificate(.user, serial: 1) == issued)
            #expect(try await records.checkpoints(limit: 9) == [KeptCheckpoint(size: 300, note: "c")])
            #expect(try await records.firstDamage() == nil)
            let again = Entry([.totpStepTaken(alice.id, step: 3)], event: nil)
            #expect(await conflict { try await records.record(again) } == .conflict(.stepUsed))
        }
        #expect(before == after)
    }

    private func growth(
        _ folder: TemporaryFolder, _ body: (Records) async throws -> Void
    ) async throws -> LedgerGrowth {
        let records = try await folder.records()
        try await body(records)
        let growth = try await records.growth(since: 0)
        await records.close()
        return growth
    }

    @Test func `void the serials that a dead process left, and no others`() async throws {
        let folder = try TemporaryFolder()
        let alice = try Sample.person()
        do {
            let first = try await folder.records()
            #expect(try await first.reserveSerials(node: "a", count: 10) == 1...10)
            #expect(try await first.reserveSerials(node: "b", count: 5) == 11...15)
            try await first.keep(.identityAdded(alice))
            for serial in [UInt64(1), 2, 5] {
                try await first.keep(.certificateIssued(try Sample.certificate(serial, for: alice.id)))
            }
            #expect(try await first.reserveSerials(node: "a", count: 2) == 16...17)
            #expect(try await first.revoked(.user, at: Sample.noon).serials == [])
            await first.close()
        }
        let second = try await folder.records()
        let version = try await second.hostStateVersion()
        #expect(try await second.reserveSerials(node: "a", count: 1) == 18...18)
        let void: [ClosedRange<UInt64>] = [3...4, 6...10, 16...17]
        for authority in CertificateAuthority.allCases {
            #expect(try await second.revoked(authority, at: Sample.noon).serials == void)
        }
        #expect(try await second.hostStateVersion() == version + 1)
        #expect(try await second.reserveSerials(node: "a", count: 1) == 19...19)
        #expect(try await second.hostStateVersion() == version + 1)
    }

    @Test(arguments: [
        ("UPDATE event SET bytes = x'00' WHERE idx = 299", UInt64(299)),
        ("UPDATE event SET leaf_hash = bytes WHERE idx = 270", 270),
        ("DELETE FROM event WHERE idx = 150", 150),
        ("UPDATE ledger_node SET hash = x'00' WHERE level = 8", 0),
    ])
    func `do not open with a damaged ledger`(_ damage: String, _ index: UInt64) async throws {
        let folder = try TemporaryFolder()
        do {
            let records = try await folder.records()
            for number in 0..<300 { _ = try await records.record(Entry([], event: Sample.event(number))) }
            await records.close()
        }
        try await run(damage, folder)
        await #expect(throws: RecordsError.self) { try await folder.records() }
        guard index > 0 else { return }
        await #expect(throws: RecordsError.damaged(index: index)) { try await folder.records() }
    }

    @Test func `do not open if the ledger is not the one of the last checkpoint`() async throws {
        let folder = try TemporaryFolder()
        do {
            let records = try await folder.records()
            _ = try await records.record(Entry([], event: Sample.event(0)))
            try await records.keep(checkpoint: "c", size: 1)
            await records.close()
        }
        try await run("UPDATE checkpoint SET root = x'00'", folder)
        await #expect(throws: RecordsError.damaged(index: 0)) { try await folder.records() }
    }

    @Test func `find damage in old leaves when asked`() async throws {
        let folder = try TemporaryFolder()
        do {
            let records = try await folder.records()
            for number in 0..<600 { _ = try await records.record(Entry([], event: Sample.event(number))) }
            await records.close()
        }
        try await run("UPDATE event SET bytes = x'00' WHERE idx = 77", folder)
        #expect(try await folder.records().firstDamage() == 77)
    }

    @Test func `S12: keep nothing any more once an inspection found damage`() async throws {
        let folder = try TemporaryFolder()
        do {
            let records = try await folder.records()
            for number in 0..<600 { _ = try await records.record(Entry([], event: Sample.event(number))) }
            #expect(try await records.inspect() == nil)
            try await records.keep(.hostStateMoved)
            await records.close()
        }
        try await run("UPDATE event SET bytes = x'00' WHERE idx = 77", folder)
        let records = try await folder.records()
        #expect(records.trouble == nil)
        let found = "the ledger is damaged at index 77: restore a backup"
        #expect(try await records.inspect() == found)
        #expect(records.trouble == found)
        #expect(await conflict { try await records.keep(.hostStateMoved) } == .failed(reason: found))
    }

    @Test func `S12: do not open with a page that is none`() async throws {
        let folder = try TemporaryFolder()
        do {
            let records = try await folder.records()
            for number in 0..<600 { _ = try await records.record(Entry([], event: Sample.event(number))) }
            await records.close()
        }
        let file = DurableFile(folder.database)
        var bytes = try file.read(limit: 10_000_000)
        let middle = bytes.count / 2 / 4_096 * 4_096
        bytes.replaceSubrange(middle..<(middle + 4_096), with: [UInt8](repeating: 0x5A, count: 4_096))
        try file.write(bytes)
        await #expect(throws: RecordsError.self) { try await folder.records() }
    }

    @Test func `are not called damaged because the inspection was ended early`() async throws {
        let records = try await TemporaryFolder().records()
        let inspection = Task { try await records.inspect() }
        inspection.cancel()
        #expect(try await inspection.value == nil)
        try await records.keep(.hostStateMoved)
    }

    @Test func `of the first version are taken over`() async throws {
        let folder = try TemporaryFolder()
        let alice = try Sample.person()
        let first = try #require(Schema.steps.first)
        let statements =
            ["CREATE TABLE migration (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)"]
            + first(.sqlite) + [
                "INSERT INTO migration (version, applied_at) VALUES (1, 0)",
                """
                INSERT INTO identity (id, kind, name, status, aliases, addresses, labels, created_at)
                VALUES ('alice', 'person', 'alice', 'active', '', '', '', \(Sample.noon.seconds))
                """,
            ]
        for statement in statements { try await run(statement, folder) }
        let records = try await folder.records()
        #expect(try await records.identity(alice.id) == alice)
        #expect(try await records.keepsake() == Keepsake(origin: nil, sealCheck: nil, epoch: 1))
    }

    @Test func `from before logins had a source take none for an admin's that a provider may have set`()
        async throws
    {
        let folder = try TemporaryFolder()
        let before = try #require(
            Schema.steps.firstIndex { $0(.sqlite).joined().contains("ADD COLUMN login_by") })
        var statements = ["CREATE TABLE migration (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)"]
        for (position, step) in Schema.steps.prefix(before).enumerated() {
            statements += step(.sqlite)
            statements.append("INSERT INTO migration (version, applied_at) VALUES (\(position + 1), 0)")
        }
        for name in ["own", "linked", "pushed", "given", "none"] {
            let login = name == "none" ? "NULL" : "'\(name)'"
            statements.append(
                """
                INSERT INTO identity (id, kind, name, status, login, aliases, addresses, labels, created_at,
                    directory_groups)
                VALUES ('\(name)', 'person', '\(name)', 'active', \(login), '', '', '', 7, '')
                """)
        }
        statements += [
            """
            INSERT INTO upstream_link (issuer, subject, identity, linked_at) VALUES ('https://id', '1', 'linked', 9)
            """,
            """
            INSERT INTO identity (id, kind, name, owner, status, aliases, addresses, labels, created_at,
                directory_groups)
            VALUES ('service:corp', 'service', 'corp', 'own', 'active', '', '', '', 7, '')
            """,
            "INSERT INTO provisioner (id) VALUES ('service:corp')",
        ]
        for (name, time) in [("pushed", 7), ("given", 9)] {
            statements.append(
                """
                INSERT INTO provisioned_person (id, provisioner, identity, user_name, user_key, emails, version,
                    created_at, changed_at)
                VALUES ('\(name)', 'service:corp', '\(name)', '\(name)', '\(name)', '', 1, \(time), \(time))
                """)
        }
        for statement in statements { try await run(statement, folder) }
        let records = try await folder.records()
        for (name, source) in [
            ("own", LoginSource.admin), ("linked", .provider), ("pushed", .provider), ("given", .admin),
        ] {
            #expect(try await records.identity(try IdentityID(name))?.attributes.loginBy == source, "\(name)")
        }
        #expect(try await records.identity(try IdentityID("none"))?.attributes.login == nil)
    }

    @Test func `of a later version are left alone`() async throws {
        let folder = try TemporaryFolder()
        await (try await folder.records()).close()
        try await run("INSERT INTO migration (version, applied_at) VALUES (99, 0)", folder)
        await #expect(throws: RecordsError.newerSchema(found: 99, known: Schema.version)) {
            try await folder.records()
        }
    }

    @Test func `lose nothing that was confirmed before a SIGKILL`() async throws {
        let folder = try TemporaryFolder()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String] in
            let records = try await Records(path: path + "/keyreeve.db", now: { Sample.noon })
            let log = unsafe open(path + "/confirmed", O_WRONLY | O_CREAT | O_APPEND, 0o600)
            await withTaskGroup(of: Void.self) { group in
                for worker in 0..<16 {
                    group.addTask {
                        for number in 0..<1_000 {
                            let event = Sample.event(worker * 1_000 + number)
                            guard let index = try? await records.record(Entry([], event: event)).index else {
                                return
                            }
                            let line = "\(index) \(worker * 1_000 + number)\n"
                            _ = unsafe write(log, line, line.utf8.count)
                            if index == 3_000 { kill(getpid(), SIGKILL) }
                        }
                    }
                }
            }
        }
        let records = try await folder.records()
        let confirmed = try DurableFile(folder.path + "/confirmed").read(limit: 1_000_000)
        let lines = String(decoding: confirmed, as: UTF8.self).split(separator: "\n")
        #expect(lines.count >= 2_900)
        let leaves = try await records.leaves(from: 0, limit: 20_000)
        for line in lines {
            let numbers = line.split(separator: " ").compactMap { Int($0) }
            #expect(leaves[numbers[0]].bytes == Sample.event(numbers[1]).encoded())
        }
        #expect(try await records.firstDamage() == nil)
    }

    /// A change from outside, without the records.
    private func run(_ statement: String, _ folder: TemporaryFolder) async throws {
        let connection = try SQLiteConnection(path: folder.database)
        await withCheckedContinuation { (caller: CheckedContinuation<Void, Never>) in
            connection.write { session throws(StoreError) in
                try session.run(statement, [])
            } done: { _ in
                caller.resume()
            }
        }
        connection.close()
    }
}
