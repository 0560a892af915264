import SSHFormats
import Testing

@testable import HostAgent

/// What the agent takes while its clock is wrong: never what has ended by it.
@Suite(.enabled(if: isHost)) struct `An agent with a wrong clock, N09` {
    private static let year = 365 * 86_400 as Int64

    private static let wrong: [(Int64, [String])] = [
        (-year, ["host-certificate"]), (-600, ["host-certificate"]), (600, []),
        (year, ["state-expired", "host-certificate", "no-state"]),
    ]

    @Test(arguments: wrong)
    func `says what does not count, and installs none of it`(_ offset: Int64, _ codes: [String]) async throws
    {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let faults = await host.keeper(authority, at: FakeAuthority.time.advanced(by: offset)).sync()
        #expect(faults.map(\.code) == codes, "\(faults)")
        #expect(faults.allSatisfy { $0.text.contains("clock") || $0.code == "no-state" })
        for key in try host.keys() {
            let isThere = FileTree.exists(host.folder.certificate(ofKeyFile: key.file))
            #expect(isThere == !codes.contains("host-certificate"))
        }
        #expect(host.currentSet().isEmpty == codes.contains("state-expired"))
    }

    @Test(arguments: [(-1, true), (0, false), (60, false), (61, false)] as [(Int64, Bool)])
    func `takes no state that has ended, not even within 60 seconds`(_ past: Int64, _ isTaken: Bool) throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let end = FakeAuthority.time.advanced(by: 3_600)
        let reply = try authority.reply(notAfter: end.seconds)
        let now = end.advanced(by: past)
        if isTaken {
            #expect(try host.installer(authority).install(reply, at: now) == .replaced)
        } else {
            let fault = StateFault.expired(notAfter: end.seconds, now: now.seconds).fault
            #expect(throws: fault) { try host.installer(authority).install(reply, at: now) }
        }
    }

    @Test(arguments: [(-1, true), (0, false), (61, false)] as [(Int64, Bool)])
    func `takes no host certificate that has ended`(_ past: Int64, _ isTaken: Bool) async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        authority.set { $0.validity = 3_600 }
        let now = FakeAuthority.time.advanced(by: 3_600 + past)
        let faults = await host.keeper(authority, at: now).sync()
        #expect(faults.contains { $0.code == "host-certificate" } == !isTaken, "\(faults)")
    }

    @Test func `reports the authority's time as a fault of its own, without contact`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        authority.set { $0.fault = .wrongClock("the clock here is 2 hours behind the authority's") }
        try host.record(authority).save(host.folder)
        let faults = await host.keeper(authority).sync()
        #expect(Set(faults.map(\.code)).contains("clock-wrong"))
        let status = AgentStatus(of: host.settings, at: FakeAuthority.time)
        #expect(status.lastContact == nil)
        #expect(status.faults.contains { $0.text.contains("2 hours behind") })
    }
}
