import Glibc
import Posix
import SSHFormats
import Testing

@testable import HostAgent

@Suite(.enabled(if: isHost)) struct `An agent that is killed at a random moment` {
    @Test func `leaves sshd with a whole set and a configuration that it accepts`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        _ = try host.installer(authority).install(try authority.reply(), at: FakeAuthority.time)
        for round in 1...12 as ClosedRange<UInt64> {
            let (settings, seeds) = (host.settings.sshdConfig, authority.seeds)
            await #expect(processExitsWith: .signal(SIGALRM)) {
                [settings = settings as String, seeds = seeds as [[UInt8]], round = round as UInt64] in
                try Self.work(settings, seeds, from: round * 1000)
            }
            // As sshd finds it, before anybody has tidied up.
            try SSHD(host.settings).test()
            let held = try host.installer(authority).held()
            #expect(held != nil)
            #expect(FileTree.exists(host.folder.revokedKeys) && FileTree.exists(host.folder.userCA))
            // As the next agent leaves it.
            let dropIn = DropIn(settings: host.settings, certificates: [])
            _ = try DropInInstaller(host.settings).install(dropIn)
            #expect(host.text(of: host.settings.dropIn) == dropIn.text)
        }
    }

    /// Installs one state after the other, with changing drop-ins, until a timer ends the process as `kill` would.
    private static func work(_ sshdConfig: String, _ seeds: [[UInt8]], from first: UInt64) throws {
        let path = String(sshdConfig.dropLast("/sshd_config".utf8.count))
        let settings = AgentSettings(
            data: path + "/data", sshdConfig: sshdConfig, dropIn: path + "/conf.d/00-keyreeve.conf",
            program: "/usr/bin/true")
        let authority = try FakeAuthority(seeds: seeds)
        let installer = StateInstaller(
            settings: settings, host: FakeAuthority.hostName, key: authority.stateKey.publicKey)
        signal(SIGALRM, SIG_DFL)
        var timer = itimerval()
        timer.it_value.tv_usec = .random(in: 1000...300_000)
        unsafe setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
        for version in first... {
            _ = try installer.install(try authority.reply(version: version), at: FakeAuthority.time)
            let certificates = version % 2 == 0 ? [] : [settings.folder.userCA]
            _ = try? DropInInstaller(settings).install(DropIn(settings: settings, certificates: certificates))
        }
    }
}
