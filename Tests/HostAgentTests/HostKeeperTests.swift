import AuthorityAPI
import FoundationEssentials
import Names
import Posix
import SSHFormats
import Testing

@testable import HostAgent

@Suite(.enabled(if: isHost)) struct `One round of the agent` {
    @Test func `brings a new host to state, certificates and drop-in`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        #expect(await host.keeper(authority).sync() == [])
        let effective = try SSHD(host.settings).effective()
        #expect(
            effective.values("HostCertificate") == [
                "\(host.folder.ssh)/ssh_host_ed25519_key-cert.pub",
                "\(host.folder.ssh)/ssh_host_ecdsa_key-cert.pub",
            ])
        #expect(!FileTree.exists(host.folder.reloadDue))
        let status = AgentStatus(of: host.settings, at: FakeAuthority.time)
        #expect(status.state == nil && status.faults.map(\.code) == ["not-enrolled"])
    }

    @Test func `shows in the status of an enrolled host`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let krl = try FakeAuthority.krl(revoking: [3, 4, 9], by: authority.userCA.publicKey)
        let reply = try authority.reply(version: 12, krl: krl)
        authority.set { $0.reply = reply }
        try host.record(authority).save(host.folder)
        #expect(await host.keeper(authority).sync() == [])
        let status = AgentStatus(of: host.settings, at: FakeAuthority.time)
        #expect(status.host == FakeAuthority.hostName)
        #expect(status.state?.version == 12 && status.state?.krlEntries == 3)
        #expect(status.certificates.count == 2 && status.dropInEffective)
        #expect(status.lastContact == FakeAuthority.time.seconds)
        #expect(status.faults == [])
        #expect(try JSONDecoder().decode(AgentStatus.self, from: Data(status.json)) == status)
    }

    @Test func `fetches certificates once, and again after half of their life`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let day = 86_400 as Int64
        let reply = try authority.reply(notAfter: FakeAuthority.time.seconds + 60 * 86_400)
        authority.set { $0.reply = reply }
        _ = await host.keeper(authority).sync()
        _ = await host.keeper(authority, at: FakeAuthority.time.advanced(by: 13 * day)).sync()
        #expect(authority.certificates == 2)
        _ = await host.keeper(authority, at: FakeAuthority.time.advanced(by: 17 * day)).sync()
        #expect(authority.certificates == 4)
    }

    @Test func `fetches certificates again when the authority was restored after their issue`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        _ = await host.keeper(authority).sync()
        #expect(authority.certificates == 2)
        for (epoch, count) in [(FakeAuthority.time.seconds + 60, 2), (FakeAuthority.time.seconds + 61, 4)] {
            let reply = try authority.reply(epoch: epoch)
            authority.set { $0.reply = reply }
            _ = await host.keeper(authority, at: FakeAuthority.time.advanced(by: 300)).sync()
            #expect(authority.certificates == count)
        }
    }

    @Test func `without the server changes nothing and says so`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        try host.record(authority).save(host.folder)
        _ = await host.keeper(authority).sync()
        let good = host.currentSet()
        authority.set { $0.fault = .unreachable("gone") }
        let later = FakeAuthority.time.advanced(by: 3600)
        #expect(await host.keeper(authority, at: later).sync() == [Fault("unreachable", "gone")])
        #expect(host.currentSet() == good)
        let status = AgentStatus(of: host.settings, at: later)
        #expect(status.lastContact == FakeAuthority.time.seconds && status.lastRound == later.seconds)
        #expect(status.faults.map(\.code) == ["unreachable"])
    }

    @Test func `raises an alarm when news are withheld`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        _ = await host.keeper(authority).sync()
        let later = FakeAuthority.time.advanced(by: 86_400)
        let codes = await host.keeper(authority, at: later).sync().map(\.code)
        #expect(codes == ["state-expired", "state-stale"])
        #expect(
            host.text(of: host.folder.principalFacts)?.contains("host \(FakeAuthority.hostName)\n") == true)
    }

    @Test func `leaves the drop-in away while there is no good state`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let reply = try authority.reply(krl: [])
        authority.set { $0.reply = reply }
        #expect(await host.keeper(authority).sync().map(\.code) == ["krl-malformed", "no-state"])
        #expect(!FileTree.exists(host.settings.dropIn))
    }

    @Test func `gives way to another agent on the same folder`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let lock = try FileLock(host.folder.lock)
        #expect(await host.keeper(authority, patience: .zero).sync().map(\.code) == ["busy"])
        withExtendedLifetime(lock) {}
    }
}

@Suite(.enabled(if: isHost)) struct `A host certificate is not installed when it` {
    private func offer(_ code: String?, _ change: (inout FakeAuthority.Shared) -> Void) async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        authority.set(change)
        #expect(await host.keeper(authority).sync().map(\.code).first == code)
        #expect(host.text(of: "\(host.folder.ssh)/ssh_host_ed25519_key-cert.pub") == nil)
    }

    @Test func `is signed by a strange key`() async throws {
        let strange = try PrivateKey.generate(.ed25519)
        try await offer("host-certificate") { $0.signer = strange }
    }

    @Test func `is a user's`() async throws { try await offer("host-certificate") { $0.kind = .user } }

    @Test func `names another host`() async throws {
        try await offer("host-certificate") { $0.certifiedName = "web2.example.com" }
    }

    @Test func `is renewed between 45 and 55 hundredths of its life`() throws {
        let authority = try FakeAuthority()
        let validity = try Validity(validAfter: UnixTime(1000), validBefore: UnixTime(1000 + 2_592_000))
        var times: Set<UInt64> = []
        for serial in 1...40 as ClosedRange<UInt64> {
            let certificate = try authority.certificate(
                for: authority.userCA.publicKey, kind: .host, serial: serial, principals: ["a"],
                by: authority.hostCA, validity: validity)
            times.insert(HostCertificates.renewal(of: certificate, validity).seconds - 1000)
        }
        #expect(times.allSatisfy { (1_160_000...1_426_000).contains($0) })
        #expect(times.count > 20)
    }
}

@Suite(.enabled(if: isHost)) struct `Enrolling a host` {
    private func enrol(_ host: TestHost, _ authority: FakeAuthority) async throws -> EnrolmentRecord {
        let enrolment = Enrolment(host.settings)
        return try await enrolment.enrol(
            Secret("token"), server: "https://127.0.0.1:1", tlsRoot: nil, keys: try enrolment.prepare(),
            with: authority)
    }

    @Test func `proves every usable host key and pins the authority's keys`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let record = try await enrol(host, authority)
        #expect(record.host == FakeAuthority.hostName)
        #expect(try EnrolmentRecord.load(host.folder) == record)
        #expect(try record.stateKey() == authority.stateKey.publicKey)
        #expect(try DurableFile(host.folder.enrolment).access().permissions == 0o600)
        let last = try #require(authority.asked.last)
        let request = try JSONDecoder().decode(EnrolHostRequest.self, from: Data(last))
        #expect(request.hostKeys.map(\.publicKey) == (try host.keys().map { $0.publicKey.text() }))
    }

    @Test func `leaves the host keys as they are`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let before = host.text(of: host.path + "/ssh_host_ed25519_key")
        _ = try await enrol(host, authority)
        _ = await host.keeper(authority).sync()
        #expect(host.text(of: host.path + "/ssh_host_ed25519_key") == before)
    }

    @Test func `notes a host key that is too weak and goes on without it`() async throws {
        let host = try TestHost()
        _ = try Subprocess.run(
            "/usr/bin/ssh-keygen", ["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", host.path + "/weak"])
        let config = try #require(host.text(of: host.settings.sshdConfig))
        try host.write("sshd_config", config + "HostKey \(host.path)/weak\n")
        let keys = try Enrolment(host.settings).prepare()
        #expect(keys.usable.count == 2)
        #expect(keys.notes.map(\.code) == ["host-key"])
    }

    @Test func `N03 sends public keys and proofs, and never a name of its own choice`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        _ = try await enrol(host, authority)
        _ = await host.keeper(authority).sync()
        let objects = authority.asked.compactMap {
            try? JSONDecoder().decode([String: Anything].self, from: Data($0))
        }
        #expect(
            objects.map { $0.keys.sorted() } == [
                ["token"], ["enrolment", "hostKeys", "token"], ["publicKeys"],
            ])
        #expect(!authority.asked.contains { String(decoding: $0, as: UTF8.self).contains("web1") })
    }

    @Test func `N10 makes an agent key of mode 0600 and sends neither it nor a host key`() async throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let key = try AgentKey.loadOrMake(host.folder)
        #expect(try DurableFile(host.folder.key).access().permissions == 0o600)
        #expect(try AgentKey.loadOrMake(host.folder).rawRepresentation == key.rawRepresentation)
        _ = try await enrol(host, authority)
        _ = await host.keeper(authority).sync()
        let text = try #require(host.text(of: host.path + "/ssh_host_ed25519_key"))
        let seed = try #require(try PrivateKey(openSSH: text).ed25519Seed)
        for bytes in authority.asked {
            let sent = String(decoding: bytes, as: UTF8.self)
            #expect(!sent.contains(base64(key.rawRepresentation)) && !sent.contains(base64(seed)))
            #expect(!sent.contains("PRIVATE KEY"))
        }
    }

    @Test func `N10 refuses an agent key that others may read`() throws {
        let host = try TestHost()
        let key = try AgentKey.loadOrMake(host.folder)
        try DurableFile(host.folder.key).write(key.rawRepresentation, mode: 0o640)
        let fault = #expect(throws: Fault.self) { try AgentKey.load(host.folder) }
        #expect(fault?.code == "key-unsafe")
    }
}

/// Any JSON value, when only the keys above it matter.
private struct Anything: Decodable {
    init(from decoder: any Decoder) {}
}

@Suite struct `The clock watch` {
    @Test func `tells of a jump of more than 60 s, once`() {
        var watch = ClockWatch()
        #expect(watch.jump(wall: 1000, monotonic: 5) == nil)
        #expect(watch.jump(wall: 1060, monotonic: 65) == nil)
        #expect(watch.jump(wall: 1181, monotonic: 126) == nil)
        #expect(watch.jump(wall: 1302, monotonic: 186) == 61)
        #expect(watch.jump(wall: 1303, monotonic: 187) == nil)
        #expect(watch.jump(wall: 700, monotonic: 188) == -604)
    }
}
