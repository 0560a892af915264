import AuthorityAPI
import HostDocuments
import Posix
import SSHFormats
import Testing

@testable import HostAgent

/// Whether a file system can be mounted here for a test.
private let mayMount: Bool = {
    guard isHost else { return false }
    return (try? TestHost(disk: "64k")) != nil
}()

@Suite(.enabled(if: mayMount)) struct `S04 A disk that is full` {
    @Test func `at any moment of an install leaves the last good set in force, and the next one mends it`()
        async throws
    {
        let (host, authority) = (try TestHost(disk: "1m"), try FakeAuthority())
        let first = try authority.reply(version: 1)
        authority.set { $0.reply = first }
        #expect(await host.keeper(authority).sync() == [])
        var version: UInt64 = 1
        var outcomes: Set<Bool> = []
        for pages in 0...40 {
            let serials = (1...2_000).map { UInt64($0) * 3 + UInt64(pages) }
            let reply = try authority.reply(
                version: version + 1,
                krl: try FakeAuthority.krl(revoking: serials, by: authority.userCA.publicKey))
            try host.fill(leaving: pages)
            authority.set { $0.reply = reply }
            let faults = await host.keeper(authority).sync()
            // As sshd finds it.
            try SSHD(host.settings).test()
            let held = try #require(try host.installer(authority).held())
            let isNew = held.state.version == version + 1
            #expect(isNew || held.state.version == version)
            #expect(isNew || !faults.isEmpty, "what was not done is not kept quiet")
            #expect(authority.acknowledged.last.map { $0.version <= held.state.version } ?? true)
            #expect(host.text(of: host.settings.dropIn) != nil)
            outcomes.insert(isNew)
            try host.empty()
            #expect(await host.keeper(authority).sync() == [])
            version += 1
            #expect(try host.installer(authority).held()?.state.version == version)
            #expect(authority.acknowledged.last?.version == version)
        }
        #expect(outcomes == [true, false], "both happened")
    }

    @Test func `leaves nothing behind that a later install would trip over`() async throws {
        let (host, authority) = (try TestHost(disk: "1m"), try FakeAuthority())
        #expect(await host.keeper(authority).sync() == [])
        for version in 2...6 as ClosedRange<UInt64> {
            try host.fill(leaving: 1)
            let reply = try authority.reply(version: version)
            authority.set { $0.reply = reply }
            _ = await host.keeper(authority).sync()
            try host.empty()
        }
        #expect(await host.keeper(authority).sync() == [])
        #expect(try host.installer(authority).held()?.state.version == 6)
    }
}
