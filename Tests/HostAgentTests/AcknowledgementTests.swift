import AuthorityAPI
import Posix
import SSHFormats
import Testing

@testable import HostAgent

@Suite(.enabled(if: isHost)) struct `The agent acknowledges` {
    @Test func `the state that it installed, once sshd goes by it`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let reply = try authority.reply(version: 12)
        authority.set { $0.reply = reply }
        #expect(await host.keeper(authority).sync() == [])
        #expect(
            authority.acknowledged == [
                HostAcknowledgementRequest(
                    epoch: 1, version: 12, issuedAt: FakeAuthority.time.seconds, enforced: true, faults: [])
            ])
    }

    @Test func `the state that is in force, where a newer one was refused`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let good = try authority.reply(version: 3)
        authority.set { $0.reply = good }
        _ = await host.keeper(authority).sync()
        let bad = try authority.reply(version: 4, krl: Array("no KRL".utf8))
        authority.set { $0.reply = bad }
        _ = await host.keeper(authority).sync()
        let last = try #require(authority.acknowledged.last)
        #expect(last.version == 3 && last.enforced && last.faults == ["krl-malformed"])
    }

    @Test func `that sshd does not go by it, where its configuration says otherwise`() async throws {
        let (host, authority) = (try TestHost(includes: false), try FakeAuthority())
        _ = await host.keeper(authority).sync()
        let last = try #require(authority.acknowledged.last)
        #expect(!last.enforced && last.faults == ["drop-in-overridden"])
    }

    @Test func `that sshd does not go by it for those whom a Match block catches`() async throws {
        let extra = "Match User backup\n  RevokedKeys none\n"
        let (host, authority) = (try TestHost(extra: extra), try FakeAuthority())
        _ = await host.keeper(authority).sync()
        let last = try #require(authority.acknowledged.last)
        #expect(!last.enforced && last.faults == ["drop-in-match"])
    }

    @Test func `that nobody goes by a set that somebody damaged and that cannot be mended`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let good = try authority.reply(version: 3)
        authority.set { $0.reply = good }
        _ = await host.keeper(authority).sync()
        let older = try authority.reply(version: 2)
        authority.set { $0.reply = older }
        try DurableFile(host.folder.revokedKeys).write([0], mode: 0o644)
        _ = await host.keeper(authority).sync()
        let last = try #require(authority.acknowledged.last)
        #expect(last.version == 3 && !last.enforced && last.faults.contains("set-damaged"))
    }

    @Test func `nothing before it has anything, and nothing that the authority cannot hear`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let other = try authority.reply(host: "web2.example.com")
        authority.set { $0.reply = other }
        _ = await host.keeper(authority).sync()
        #expect(authority.acknowledged.isEmpty)
        authority.set {
            $0.reply = nil
            $0.fault = .unreachable("gone")
        }
        #expect(await host.keeper(authority).sync().contains { $0.code == "unreachable" })
        #expect(authority.acknowledged.isEmpty)
    }

    @Test func `what it ended, once, at most 64 at a time, and again where nobody heard`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        _ = await host.keeper(authority).sync()
        let ended = (1...100).map { number in
            EndedSession(
                login: number == 1 ? "Deploy" : "deploy", source: "192.0.2.7", serial: UInt64(number),
                key: authority.userCA.publicKey.fingerprint)
        }
        try EndedSessions.load(host.folder).adding(ended).save(host.folder)
        authority.set { $0.fault = .unreachable("gone") }
        _ = await host.keeper(authority).sync()
        authority.set { $0.fault = nil }
        let before = authority.acknowledged.count
        _ = await host.keeper(authority).sync()
        let told = authority.acknowledged.dropFirst(before).map { $0.ended ?? [] }
        #expect(told.map(\.count) == [64, 36])
        #expect(told.flatMap { $0 }.compactMap(\.serial) == Array(1...100))
        // A name that no certificate is for cannot be told.
        #expect(told.first?.prefix(2).map(\.login) == ["_", "deploy"])
        _ = await host.keeper(authority).sync()
        #expect(authority.acknowledged.last?.ended == nil)
        #expect(!FileTree.exists(host.folder.ended))
    }

    @Test(arguments: ["not Base64!", base64(Array("no KRL".utf8))])
    func `that an order to end sessions cannot be read, and keeps the state`(_ order: String) async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let good = try authority.reply(version: 3)
        authority.set {
            $0.reply = HostStateReply(
                state: good.state, signature: good.signature, userKRL: good.userKRL, sessions: order,
                hostName: good.hostName)
        }
        #expect(await host.keeper(authority).sync().count == 1)
        let last = try #require(authority.acknowledged.last)
        #expect(last.version == 3 && last.enforced && last.faults.count == 1)
    }
}
