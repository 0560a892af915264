import Authority
import Posix
import SSHFormats
import SignerProtocol
import SignerVault
import Signers
import Synchronization
import Testing

/// A program of ours, as built beside the tests.
private func builtProgram(_ name: String) throws -> String {
    let bundle = CommandLine.arguments.compactMap { argument in
        argument.firstRange(of: ".xctest").map { String(argument[..<$0.lowerBound]) }
    }
    let path = try bundle.first ?? CurrentProcess.executable()
    return path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/" + name
}

private func draft(_ key: PublicKey, principals: [String] = ["deploy@web1"]) throws -> CertificateDraft {
    let now = WallClock.now()
    return try CertificateDraft(
        kind: .user, publicKey: PrivateKey.generate(.ed25519).publicKey, serial: 1, keyID: "alice",
        principals: Principals(principals),
        validity: Validity(validAfter: UnixTime(now - 60), validBefore: UnixTime(now + 28_800)),
        nonce: secureRandom(32), signatureKey: key)
}

@Suite struct `The client of the signer` {
    /// A connection to a vault in this process.
    private func connection() throws -> SignerConnection {
        let folder = SampleVault.newFolder()
        try SampleVault.prepare(folder)
        let files = try VaultFiles(folder: folder, keyFile: "\(folder)/signer.key")
        let server = SignerServer(
            try Vault(files, now: { WallClock.now() }), listener: try UnixListener("\(folder)/socket"),
            admitted: [ProcessHardening.currentUID], now: { WallClock.now() }, log: { _ in })
        try BlockingThread.start { server.run() }
        return SignerConnection(path: "\(folder)/socket")
    }

    @Test func `gives each of many requests in flight its own answer`() async throws {
        let signer = try connection()
        let key = try #require(try await signer.publicKeys()[.userCA])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<500 {
                group.addTask {
                    let draft = try draft(key)
                    let signature = try await signer.sign(SigningPermit(draft, by: .user))
                    _ = try draft.sealed(with: signature)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `passes a refusal on with its code`() async throws {
        let signer = try connection()
        let key = try #require(try await signer.publicKeys()[.userCA])
        let plain = try draft(key, principals: ["deploy"])
        let reason = "a principal is not of the form of this key"
        await #expect(throws: SignerError.refused(code: "profile-refused", reason: reason)) {
            try await signer.sign(SigningPermit(plain, by: .user))
        }
        #expect(try await signer.checkpointSize() == 0)
    }

    @Test func `says that a signer is not there`() async throws {
        let signer = SignerConnection(path: "/tmp/keyreeve-no-such-socket", patience: .zero)
        await #expect {
            try await signer.publicKeys()
        } throws: { error in
            guard case SignerError.unavailable = error else { return false }
            return true
        }
    }

    @Test func `never waits for a lost connection`() async throws {
        let signer = try connection()
        _ = try await signer.publicKeys()
        await signer.close()
        #expect(try await signer.publicKeys().count == SigningRole.allCases.count)
    }
}

@Suite struct `A signer process of our own` {
    private let folder = SampleVault.newFolder()

    private func start() throws -> (SignerProcess, SignerConnection) {
        let process = try SignerProcess(
            executable: builtProgram("reeve-signer"), folder: folder, socket: "\(folder).socket",
            keyFile: "\(folder)/signer.key", report: { _ in })
        try process.start()
        return (process, SignerConnection(path: "\(folder).socket", patience: .seconds(30)))
    }

    @Test func `keeps its keys when it is killed, and signs again`() async throws {
        let (process, signer) = try start()
        defer { process.stop() }
        let keys = try await signer.publicKeys()
        let key = try #require(keys[.userCA])
        for _ in 0..<3 {
            let pid = try #require(process.pid)
            async let signed = signedCount(signer, key)
            ChildProcess(adopting: pid).send(signal: 9)
            #expect(try await signed > 0)
            #expect(try await signer.publicKeys() == keys)
        }
    }

    @Test func `Y07 that ends at once is started again, less and less often`() async throws {
        let pauses = Mutex<[Int]>([])
        let process = try SignerProcess(
            executable: "/bin/false", folder: folder, socket: "\(folder).socket",
            keyFile: "\(folder)/signer.key"
        ) { line in
            let words = line.split(separator: " ")
            guard words.count > 2, let pause = Int(words[words.count - 2]) else { return }
            pauses.withLock { $0.append(pause) }
        }
        try process.start()
        defer { process.stop() }
        let deadline = ContinuousClock.now + .seconds(120)
        while pauses.withLock({ $0.count }) < 7, ContinuousClock.now < deadline {
            try await ContinuousClock().sleep(for: .milliseconds(20))  // polls: a process tells nobody
        }
        #expect(pauses.withLock { Array($0.prefix(7)) } == [0, 50, 100, 200, 400, 800, 1_000])
    }

    @Test func `has given its rights away, Y04`() async throws {
        let (process, signer) = try start()
        defer { process.stop() }
        _ = try await signer.publicKeys()
        let pid = try #require(process.pid)
        let status = try DurableFile("/proc/\(pid)/status").read(limit: 65_536)
        #expect(String(decoding: status, as: UTF8.self).contains("NoNewPrivs:\t1"))
        let limits = String(
            decoding: try DurableFile("/proc/\(pid)/limits").read(limit: 65_536), as: UTF8.self)
        let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
        #expect(core?.split(separator: " ").suffix(3) == ["0", "0", "bytes"])
        let arguments = try DurableFile("/proc/\(pid)/cmdline").read(limit: 65_536)
        #expect(String(decoding: arguments, as: UTF8.self).contains("--key-file"))
    }

    /// Signs until 100 times it went well; in between only "try again" may come.
    private func signedCount(_ signer: SignerConnection, _ key: PublicKey) async throws -> Int {
        var count = 0
        while count < 100 {
            let draft = try draft(key)
            do {
                _ = try draft.sealed(with: try await signer.sign(SigningPermit(draft, by: .user)))
                count += 1
            } catch SignerError.unavailable {
                continue
            }
        }
        return count
    }
}
