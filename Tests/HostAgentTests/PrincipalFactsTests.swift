import Names
import Posix
import Testing

@testable import HostAgent

@Suite struct `The facts of a host` {
    private let text =
        "keyreeve-principals 1\nhost web1.example.com\nlabel env=staging\nlabel tier=web\nend\n"

    @Test func `answer a login with the host and each of its labels`() throws {
        let facts = try PrincipalFacts(text: text)
        #expect(
            facts.principals(for: try Login("root")).map(\.description)
                == ["root@web1.example.com", "root@env=staging", "root@tier=web"])
    }

    @Test func `round-trip byte for byte`() throws {
        #expect(try PrincipalFacts(text: text).text == text)
    }

    @Test(arguments: [
        "", "keyreeve-principals 2\nhost a\nend\n", "keyreeve-principals 1\nend\n",
        "keyreeve-principals 1\nhost web1\nlabel env=staging\n",
        "keyreeve-principals 1\nhost web1\nlabel env\nend\n",
        "keyreeve-principals 1\nhost web1\nroot\nend\n",
        "keyreeve-principals 1\nhost web1\nlabel a=b\r\nend\n",
        "keyreeve-principals 1\nhost web1\nend\nroot\n", "keyreeve-principals 1\nhost we\u{0301}b1\nend\n",
    ])
    func `are refused whole when one byte of them is wrong`(_ text: String) {
        let fault = #expect(throws: Fault.self) { try PrincipalFacts(text: text) }
        #expect(fault?.code == "facts-damaged")
    }

    @Test(.enabled(if: isHost)) func `that others than root may write are not believed`() throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        _ = try host.installer(authority).install(try authority.reply(), at: FakeAuthority.time)
        #expect(try PrincipalFacts.load(host.folder).host.text == FakeAuthority.hostName)
        let text = try DurableFile(host.folder.principalFacts).read(limit: 1000)
        try DurableFile(host.folder.principalFacts).write(text, mode: 0o666)
        let fault = #expect(throws: Fault.self) { try PrincipalFacts.load(host.folder) }
        #expect(fault?.code == "facts-unsafe")
    }

    @Test(.enabled(if: isHost)) func `that are missing answer nothing`() throws {
        let host = try TestHost()
        let fault = #expect(throws: Fault.self) { try PrincipalFacts.load(host.folder) }
        #expect(fault?.code == "facts-missing")
    }
}
