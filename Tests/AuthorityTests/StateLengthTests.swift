import Authority
import SSHFormats
import TestKit
import Testing

@Suite struct `The state of a sign-in that travels with the caller` {
    @Test func `A05 is as long whether the name exists, and whether the first factor was right`() async throws
    {
        let way = try SignInWay("password+device")
        let house = try await TestHouse(ways: [way])
        try await house.enrol("alice", key: 1)
        let key = try TestHouse.key(77).publicKey
        var lengths: Set<Int> = []
        for (name, password) in [
            ("alice", TestHouse.password), ("alice", "wrong password"), ("alicf", TestHouse.password),
        ] {
            let (state, _) = try await house.authority.signIn.start(name: name, key: key, source: "192.0.2.7")
            lengths.insert(state.utf8.count)
            let reached = try await house.authority.signIn.answer(
                state: state, ["password": password], key: key, source: "192.0.2.7", requestID: "r",
                once: .unclaimed
            ).value
            guard case .more(let next, _) = reached else { return #expect(Bool(false), "it ends") }
            lengths.insert(next.utf8.count + 1_000_000)
        }
        #expect(lengths.count == 2, "\(lengths)")
    }
}
