import AuthorityAPI
import SSHFormats
import Testing

@testable import HostAgent

@Suite struct `The servers that an authority names` {
    private func info(_ servers: [String]?) -> AuthorityInfo {
        AuthorityInfo(
            origin: "example.com", version: "1", userCAKeys: [], plainUserCAKeys: [], hostCAKeys: [],
            hostStateKey: "", checkpointKey: "", now: 0, servers: servers)
    }

    @Test(arguments: [nil, [], ["http://ca1.example.com", "nonsense"]] as [[String]?])
    func `stay as they are after an answer without any`(_ answer: [String]?) {
        let before = ToldServers(
            info(["https://ca1.example.com:8443", "https://ca2.example.com"]), before: nil,
            at: FakeAuthority.time)
        let after = ToldServers(info(answer), before: before, at: FakeAuthority.time)
        #expect(after.addresses.map(\.description) == before.servers)
        #expect(before.servers == ["https://ca1.example.com:8443", "https://ca2.example.com"])
    }

    @Test func `are asked for again after an hour, and where the clock went back`() {
        let told = ToldServers(info([]), before: nil, at: FakeAuthority.time)
        #expect(!told.isDue(at: FakeAuthority.time.advanced(by: 3_599)))
        #expect(told.isDue(at: FakeAuthority.time.advanced(by: 3_600)))
        #expect(told.isDue(at: FakeAuthority.time.advanced(by: -1)))
    }

    @Test func `are not taken where a person chose, or where no root is pinned`() {
        let record = { (servers: [String]?, root: String?) in
            EnrolmentRecord(
                server: "https://ca1.example.com", servers: servers, tlsRoot: root, host: "h",
                hostStateKey: "", hostCAKeys: [])
        }
        #expect(record(nil, "pem").learnsServers)
        #expect(!record(["https://ca1.example.com"], "pem").learnsServers)
        #expect(!record(nil, nil).learnsServers)
    }
}
