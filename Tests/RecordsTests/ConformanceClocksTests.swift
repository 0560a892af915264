import Authority
import Names
import SSHFormats
import Testing

@Suite struct `A storage engine keeps the clocks of hosts` {
    @Test(arguments: Engine.allCases) func `as they were seen last, and finds those that are off`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let alice = try Sample.person("alice")
        let hosts = try ["web1", "web2", "web3"].map { try Sample.host($0, owner: alice.id) }
        try await store.keep(.identityAdded(alice))
        for host in hosts { try await store.keep(.identityAdded(host)) }
        func see(_ index: Int, _ ahead: Int64, after: Int64) async throws {
            let clock = HostClock(host: hosts[index].id, ahead: ahead, at: Sample.noon.advanced(by: after))
            try await store.keep(.hostClockSeen(clock))
        }
        #expect(try await store.clock(of: hosts[0].id) == nil)
        try await see(0, -61, after: 0)
        try await see(1, 60, after: 0)
        try await see(2, .max, after: 100)
        let off = try await store.clocks(offBy: 60, seenAfter: Sample.noon.advanced(by: -1))
        #expect(Set(off.map(\.host)) == [hosts[0].id, hosts[2].id])
        #expect(try await store.clocks(offBy: 60, seenAfter: Sample.noon).map(\.ahead) == [.max])
        // What was seen before is not written over what was seen after it.
        try await see(0, 7, after: 50)
        try await see(0, .min, after: 49)
        #expect(try await store.clock(of: hosts[0].id)?.ahead == 7)
    }
}
