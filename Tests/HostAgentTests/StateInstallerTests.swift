import AuthorityAPI
import Crypto
import HostDocuments
import Posix
import SSHFormats
import Testing

@testable import HostAgent

@Suite(.enabled(if: isHost)) struct `A good host state` {
    @Test func `is put in force as one set of whole files that sshd can read`() throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let krl = try FakeAuthority.krl(revoking: [7], by: authority.userCA.publicKey)
        #expect(
            try host.installer(authority).install(try authority.reply(krl: krl), at: FakeAuthority.time)
                == .replaced)
        let set = host.currentSet()
        #expect(set[.revokedKeys] == krl)
        #expect(set[.userCA] == Array("\(authority.userCA.publicKey) keyreeve user CA\n".utf8))
        for file in SetFile.allCases {
            let access = try DurableFile(host.folder.current + "/" + file.rawValue).access()
            #expect(access.permissions == 0o644 && access.uid == 0)
        }
        #expect(FileTree.target(of: host.folder.current) == "sets/1-1-\(FakeAuthority.time)")
    }

    @Test func `is left alone when it is offered again`() throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let reply = try authority.reply()
        _ = try host.installer(authority).install(reply, at: FakeAuthority.time)
        #expect(try host.installer(authority).install(reply, at: FakeAuthority.time) == .unchanged)
    }

    @Test func `leaves the one before it as the last good set`() throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        for version in 1...3 as ClosedRange<UInt64> {
            _ = try host.installer(authority).install(
                try authority.reply(version: version), at: FakeAuthority.time)
        }
        #expect(FileTree.target(of: host.folder.current) == "sets/1-3-\(FakeAuthority.time)")
        #expect(FileTree.target(of: host.folder.previous) == "sets/1-2-\(FakeAuthority.time)")
        #expect(!FileTree.exists(host.folder.sets + "/1-1-\(FakeAuthority.time)"))
    }

    @Test func `repairs a set that somebody changed`() throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let reply = try authority.reply()
        _ = try host.installer(authority).install(reply, at: FakeAuthority.time)
        let good = host.currentSet()
        try DurableFile(host.folder.revokedKeys).write([1, 2, 3])
        #expect(throws: Fault.self) { try host.installer(authority).held() }
        #expect(try host.installer(authority).install(reply, at: FakeAuthority.time) == .replaced)
        #expect(host.currentSet() == good)
    }

    @Test func `of a later epoch is taken although its version is lower`() throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        _ = try host.installer(authority).install(try authority.reply(version: 9), at: FakeAuthority.time)
        let later = try authority.reply(version: 1, epoch: 2)
        #expect(try host.installer(authority).install(later, at: FakeAuthority.time) == .replaced)
    }

    @Test func `that was cut off by a crash before it was in force does no harm`() throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        _ = try host.installer(authority).install(try authority.reply(), at: FakeAuthority.time)
        try FileTree.make(host.folder.sets + "/.new")
        try DurableFile(host.folder.sets + "/.new/revoked.krl").write([1])
        try FileTree.make(host.folder.sets + "/1-2-\(FakeAuthority.time)")
        _ = try host.installer(authority).install(try authority.reply(version: 2), at: FakeAuthority.time)
        #expect(try host.installer(authority).held()?.state.version == 2)
    }
}

@Suite(.enabled(if: isHost)) struct `The last good set stays when the server sends` {
    /// Offers a bad state to a host that holds version 5 of epoch 3, and compares what sshd would read.
    private func offer(
        _ code: String, at time: UnixTime = FakeAuthority.time,
        _ bad: (FakeAuthority) throws -> HostStateReply
    ) throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        _ = try host.installer(authority).install(
            try authority.reply(version: 5, epoch: 3), at: FakeAuthority.time)
        let good = host.currentSet()
        let fault = #expect(throws: Fault.self) {
            try host.installer(authority).install(try bad(authority), at: time)
        }
        #expect(fault?.code == code)
        #expect(host.currentSet() == good)
        #expect(try host.installer(authority).held()?.state.version == 5)
    }

    @Test func `an older version`() throws {
        try offer("state-older") { try $0.reply(version: 4, epoch: 3) }
    }

    @Test func `a lower epoch with a higher version`() throws {
        try offer("state-older") { try $0.reply(version: 900, epoch: 2) }
    }

    @Test func `the same version as it was issued before`() throws {
        try offer("state-older") {
            try $0.reply(version: 5, epoch: 3, issuedAt: FakeAuthority.time.seconds - 1)
        }
    }

    @Test func `one signed by another key`() throws {
        try offer("state-signature") { authority in
            let other = try FakeAuthority()
            return try other.reply(version: 6, epoch: 3)
        }
    }

    @Test func `one without a signature`() throws {
        try offer("state-signature") { authority in
            let reply = try authority.reply(version: 6, epoch: 3)
            return HostStateReply(
                state: reply.state, signature: "", userKRL: reply.userKRL, hostName: reply.hostName)
        }
    }

    @Test func `one of another host`() throws {
        try offer("state-other-host") { try $0.reply(version: 6, epoch: 3, host: "web2.example.com") }
    }

    @Test func `a truncated one, though signed`() throws {
        try offer("state-malformed") { authority in
            let krl = try FakeAuthority.krl(revoking: [], by: authority.userCA.publicKey)
            return try authority.reply(payload: Array(try Self.state(authority).prefix(100)), krl: krl)
        }
    }

    @Test func `one with nothing in it that can be read`() throws {
        try offer("state-unreadable") { _ in
            HostStateReply(state: "%%%", signature: "AA==", userKRL: "", hostName: "")
        }
    }

    @Test func `an empty list of CA keys`() throws {
        try offer("state-malformed") { authority in
            let krl = try FakeAuthority.krl(revoking: [], by: authority.userCA.publicKey)
            let whole = try Self.state(authority)
            let keys = 4 + 4 + authority.userCA.publicKey.blob.count
            return try authority.reply(payload: Array(whole.dropLast(keys)) + [0, 0, 0, 0], krl: krl)
        }
    }

    @Test func `another KRL than the signed one`() throws {
        try offer("krl-hash") {
            try $0.reply(version: 6, epoch: 3, krlHash: [UInt8](repeating: 1, count: 32))
        }
    }

    @Test func `a KRL that is garbage, though signed`() throws {
        try offer("krl-malformed") {
            try $0.reply(version: 6, epoch: 3, krl: Array("SSHKRL\n\0garbage".utf8))
        }
    }

    @Test func `no KRL`() throws {
        try offer("krl-malformed") { try $0.reply(version: 6, epoch: 3, krl: []) }
    }

    @Test func `a KRL that sshd would refuse, and with it every login`() throws {
        try offer("krl-refused") {
            try $0.reply(version: 6, epoch: 3, krl: Self.wideKRL($0.userCA.publicKey))
        }
    }

    @Test func `one that has ended`() throws {
        try offer("state-expired", at: FakeAuthority.time.advanced(by: 86_400)) {
            try $0.reply(version: 6, epoch: 3)
        }
    }

    @Test func `an older version after the set and its state are lost`() throws {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        _ = try host.installer(authority).install(try authority.reply(version: 5), at: FakeAuthority.time)
        try DurableFile(host.folder.current).remove()
        let fault = #expect(throws: Fault.self) {
            try host.installer(authority).install(try authority.reply(version: 4), at: FakeAuthority.time)
        }
        #expect(fault?.code == "state-older")
    }

    private static func state(_ authority: FakeAuthority) throws -> [UInt8] {
        let krl = try FakeAuthority.krl(revoking: [], by: authority.userCA.publicKey)
        return try HostState(
            host: FakeAuthority.hostName, epoch: 3, version: 6, issuedAt: FakeAuthority.time.seconds,
            notAfter: FakeAuthority.time.seconds + 60, krlHash: Array(SHA256.hash(data: krl)),
            hostKRLHash: Array(SHA256.hash(data: [])), labels: [], userCAKeys: [authority.userCA.publicKey]
        ).encoded
    }

    /// A serial bitmap of more than 16,384 bits (OpenSSH's PROTOCOL.krl).
    private static func wideKRL(_ authority: PublicKey) -> [UInt8] {
        var writer = WireWriter()
        writer.raw(Array("SSHKRL\n\0".utf8))
        writer.uint32(1)
        for number in [1, 1, 0] as [UInt64] { writer.uint64(number) }
        writer.string("")
        writer.string("")
        writer.byte(1)
        writer.string { writer in
            writer.string(authority.blob)
            writer.string("")
            writer.byte(0x22)
            writer.string { writer in
                writer.uint64(1)
                writer.mpint([1] + [UInt8](repeating: 0, count: 2048))
            }
        }
        return writer.bytes
    }
}
