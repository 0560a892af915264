import Glibc
import Posix
import SSHFormats
import Testing

@testable import HostAgent

@Suite(.enabled(if: isHost)) struct `The drop-in` {
    /// A host with a set in force, and the drop-in that fits it.
    private func prepared(extra: String = "", includes: Bool = true) throws -> (TestHost, DropIn) {
        let (host, authority) = (try TestHost(extra: extra, includes: includes), try FakeAuthority())
        _ = try host.installer(authority).install(try authority.reply(), at: FakeAuthority.time)
        return (host, DropIn(settings: host.settings, certificates: []))
    }

    private func code(_ host: TestHost, _ dropIn: DropIn) -> String? {
        do throws(Fault) {
            _ = try DropInInstaller(host.settings).install(dropIn)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `is in force after it was written, and is not written twice`() throws {
        let (host, dropIn) = try prepared()
        #expect(try DropInInstaller(host.settings).install(dropIn) == .replaced)
        #expect(try DropInInstaller(host.settings).install(dropIn) == .unchanged)
        let effective = try SSHD(host.settings).effective()
        #expect(effective.values("RevokedKeys") == [host.folder.revokedKeys])
        #expect(effective.values("TrustedUserCAKeys") == [host.folder.userCA])
        #expect(
            effective.values("AuthorizedPrincipalsCommand")
                == ["/usr/bin/true --data \(host.folder.path) %u"])
        #expect(effective.values("AuthorizedPrincipalsCommandUser") == ["nobody"])
        #expect(!FileTree.exists(host.folder.journal))
    }

    @Test func `is taken back when an earlier file sets a value first, and that file is named`() throws {
        let (host, dropIn) = try prepared()
        try host.write("conf.d/00-a.conf", "# ours\nRevokedKeys none\n")
        let fault = #expect(throws: Fault.self) { try DropInInstaller(host.settings).install(dropIn) }
        #expect(
            fault
                == Fault(
                    "drop-in-overridden",
                    "\(host.path)/conf.d/00-a.conf line 2 sets RevokedKeys first, and in sshd_config the first value wins"
                ))
        #expect(!FileTree.exists(host.settings.dropIn))
    }

    @Test func `is taken back when sshd does not read its folder`() throws {
        let (host, dropIn) = try prepared(includes: false)
        let fault = #expect(throws: Fault.self) { try DropInInstaller(host.settings).install(dropIn) }
        #expect(fault?.code == "drop-in-overridden")
        #expect(fault?.text.contains("does not read \(host.settings.dropIn)") == true)
        #expect(!FileTree.exists(host.settings.dropIn))
    }

    @Test func `is as it was before when sshd -t fails with the new one`() throws {
        let (host, dropIn) = try prepared()
        _ = try DropInInstaller(host.settings).install(dropIn)
        let good = host.text(of: host.settings.dropIn)
        let bad = DropIn(directives: dropIn.directives + [.init(keyword: "NoSuchKeyword", value: "yes")])
        #expect(code(host, bad) == "sshd-test")
        #expect(host.text(of: host.settings.dropIn) == good)
        try SSHD(host.settings).test()
    }

    @Test func `never names a file that is missing`() throws {
        let host = try TestHost()
        #expect(code(host, DropIn(settings: host.settings, certificates: [])) == "drop-in-file-missing")
        #expect(!FileTree.exists(host.settings.dropIn))
    }

    @Test func `of somebody else is not replaced`() throws {
        let (host, dropIn) = try prepared()
        try host.write("conf.d/00-keyreeve.conf", "PermitRootLogin no\n")
        #expect(code(host, dropIn) == "drop-in-foreign")
        #expect(host.text(of: host.settings.dropIn) == "PermitRootLogin no\n")
    }

    @Test func `that a crash left unproven is undone first`() throws {
        let (host, dropIn) = try prepared()
        _ = try DropInInstaller(host.settings).install(dropIn)
        let good = try DurableFile(host.settings.dropIn).read(limit: 10_000)
        try DurableFile(host.folder.journal).write([UInt8(ascii: "+")] + good)
        try DurableFile(host.settings.dropIn).write(Array((DropIn.mark + "\nNoSuchKeyword yes\n").utf8))
        #expect(try DropInInstaller(host.settings).install(dropIn) == .unchanged)
        #expect(host.text(of: host.settings.dropIn) == dropIn.text)
    }

    @Test func `is not installed where others than root could replace the command`() throws {
        let program = "/run/keyreeve-loose-\(UInt32.random(in: 0 ... .max))"
        try DurableFile(program).write([], mode: 0o757)
        defer { try? DurableFile(program).remove() }
        let (host, authority) = (try TestHost(program: program), try FakeAuthority())
        _ = try host.installer(authority).install(try authority.reply(), at: FakeAuthority.time)
        #expect(code(host, DropIn(settings: host.settings, certificates: [])) == "path-unsafe")
    }

    @Test func `is not installed where the command is missing`() throws {
        let (host, authority) = (try TestHost(program: "/run/reeve-principals"), try FakeAuthority())
        _ = try host.installer(authority).install(try authority.reply(), at: FakeAuthority.time)
        #expect(code(host, DropIn(settings: host.settings, certificates: [])) == "principals-missing")
        #expect(!FileTree.exists(host.settings.dropIn))
    }

    @Test func `is not installed where the user of the command could not read the facts`() throws {
        let (host, dropIn) = try prepared()
        unsafe chmod(host.folder.path, 0o700)
        #expect(code(host, dropIn) == "path-closed")
    }

    @Test func `tells of a Match block that beats it for some users`() throws {
        let (host, dropIn) = try prepared(extra: "Match User deploy\n  AuthorizedPrincipalsCommand none\n")
        _ = try DropInInstaller(host.settings).install(dropIn)
        let faults = DropInInstaller(host.settings).exceptions(to: dropIn)
        #expect(faults.map(\.code) == ["drop-in-match"])
        #expect(faults.first?.text.contains("\(host.settings.sshdConfig) line 11") == true)
    }

    @Test func `goes with uninstall, and sshd is as it was`() throws {
        let (host, dropIn) = try prepared()
        let before = try SSHD(host.settings).effective()
        _ = try DropInInstaller(host.settings).install(dropIn)
        #expect(try DropInInstaller(host.settings).uninstall() == .replaced)
        #expect(try DropInInstaller(host.settings).uninstall() == .unchanged)
        #expect(try SSHD(host.settings).effective() == before)
    }
}

@Suite(.enabled(if: isHost)) struct `A safe path` {
    @Test(arguments: ["/usr/bin/true", "/bin/true", "/"])
    func `belongs to root all the way up`(_ path: String) throws { try SafePath.check(path) }

    @Test(arguments: [
        "/tmp", "/tmp/x", "usr/bin/true", "/usr/bin/tr ue", "/usr/bin/$(id)", "/usr/bin/no-such", "",
    ])
    func `is nothing else`(_ path: String) {
        let fault = #expect(throws: Fault.self) { try SafePath.check(path) }
        #expect(fault?.code == "path-unsafe")
    }
}
