import Crypto
import HostDocuments
import Ledger
import Posix
import SSHFormats
import SignerProtocol
import SignerVault
import Testing

/// A log that grows, with checkpoint requests for the signer.
private struct SampleGrowth {
    let hashes = (0..<40).map { MerkleHash.leaf(Array("event \($0)".utf8)) }

    func root(_ size: Int) -> MerkleHash {
        var tree = MerkleTree()
        for hash in hashes.prefix(size) { tree.append(hash) }
        return tree.root
    }

    func body(_ size: Int, origin: String = "log.example") throws -> [UInt8] {
        try CheckpointBody(origin: origin, size: UInt64(size), root: root(size)).bytes
    }

    func request(from first: Int, to second: Int) throws -> SignerRequest {
        let proof = try ConsistencyProof(first: UInt64(first), second: UInt64(second)) { node in
            node.hash { hashes[Int($0)] }
        }
        return .checkpoint(body: try body(second), consistency: proof.path)
    }
}

@Suite struct `The signer's checkpoint key` {
    private let log = SampleGrowth()

    @Test func `signs growth that is proven, and the same again`() throws {
        let sample = try SampleVault()
        for (first, second) in [(0, 5), (5, 5), (5, 8), (8, 33)] {
            guard case .bytes(let signature) = sample.ask(try log.request(from: first, to: second)) else {
                Issue.record("\(second) is not signed")
                return
            }
            let key = Array(try sample.key(.checkpoint).blob.suffix(32))
            let verifier = try VerifierKey(name: "log.example", publicKey: key)
            _ = try Checkpoint(
                try CheckpointBody(parsing: log.body(second)), signature: signature, by: verifier)
        }
        #expect(sample.ask(.checkpointHead) == .checkpointHead(CheckpointHead(size: 33, root: log.root(33))))
    }

    @Test func `refuses what does not grow out of the last one, also after a restart`() throws {
        var sample: SampleVault? = try SampleVault()
        let folder = try #require(sample?.folder)
        #expect(try sample?.fault(log.request(from: 0, to: 8)) == nil)
        sample = nil
        let again = try SampleVault(reopening: folder)
        let forked = try CheckpointBody(origin: "log.example", size: 8, root: .empty)
        let wrong: [SignerRequest] = [
            try log.request(from: 0, to: 7), try log.request(from: 5, to: 20),
            .checkpoint(body: try log.body(20), consistency: []),
            .checkpoint(body: forked.bytes, consistency: []),
            .checkpoint(body: try log.body(8, origin: "other.example"), consistency: []),
        ]
        for request in wrong { #expect(again.fault(request)?.code == .inconsistentCheckpoint) }
        #expect(try again.fault(log.request(from: 8, to: 20)) == nil)
    }

    @Test func `begins anew when the holder of the key file lets it, for the same log alone`() throws {
        var sample: SampleVault? = try SampleVault()
        let folder = try #require(sample?.folder)
        #expect(try sample?.fault(log.request(from: 0, to: 8)) == nil)
        #expect(throws: VaultError.self) { try VaultFiles(folder: folder, keyFile: "\(folder)/signer.key") }
        sample = nil
        let forgotten = try VaultFiles(folder: folder, keyFile: "\(folder)/signer.key").restartLog()
        #expect(forgotten.size == 8)
        #expect(forgotten.root == log.root(8).bytes)
        let again = try SampleVault(reopening: folder)
        let other = try log.body(5, origin: "other.example")
        #expect(again.fault(.checkpoint(body: other, consistency: []))?.code == .inconsistentCheckpoint)
        #expect(try again.fault(log.request(from: 0, to: 5)) == nil)
        #expect(try again.fault(log.request(from: 0, to: 4))?.code == .inconsistentCheckpoint)
    }

    @Test func `signs nothing else than checkpoints`() throws {
        let sample = try SampleVault()
        let bodies = [[], Array("log.example\n".utf8), try log.body(3) + Array("more\n".utf8)]
        for body in bodies {
            #expect(sample.fault(.checkpoint(body: body, consistency: []))?.code == .profileRefused)
        }
    }
}

@Suite struct `The signer's hostState key` {
    @Test func `signs a state with keys of the house, and the host verifies it`() throws {
        let sample = try SampleVault()
        let state = try HostState.sample(keys: [sample.key(.userCA)])
        guard case .bytes(let signature) = sample.ask(.hostState(payload: state.encoded)) else {
            Issue.record("no signature")
            return
        }
        let signed = try SignedHostState(payload: state.encoded, signature: signature)
        let read = try SignedHostState(decoding: signed.encoded)
        #expect(try read.verify(with: sample.key(.hostState)) == state)
        #expect(throws: HostStateError.wrongSignature) { try read.verify(with: sample.key(.checkpoint)) }
    }

    @Test func `refuses CA keys that it does not hold as user CA`() throws {
        let sample = try SampleVault()
        for key in [try PrivateKey.generate(.ed25519).publicKey, try sample.key(.plainUserCA)] {
            let state = try HostState.sample(keys: [sample.key(.userCA), key])
            #expect(sample.fault(.hostState(payload: state.encoded))?.code == .unknownKey)
        }
    }

    @Test func `refuses an older state of the same host, also after a restart`() throws {
        var sample: SampleVault? = try SampleVault()
        let folder = try #require(sample?.folder)
        let keys = [try #require(sample).key(.userCA)]
        #expect(
            sample?.fault(.hostState(payload: try HostState.sample(epoch: 2, version: 7, keys: keys).encoded))
                == nil)
        try sample?.vault.settle()
        sample = nil
        let again = try SampleVault(reopening: folder)
        for (epoch, version) in [(2, 6), (1, 9)] as [(UInt64, UInt64)] {
            let old = try HostState.sample(epoch: epoch, version: version, keys: keys)
            #expect(again.fault(.hostState(payload: old.encoded))?.code == .staleEpoch)
        }
        for (epoch, version) in [(2, 7), (2, 8), (3, 0)] as [(UInt64, UInt64)] {
            let state = try HostState.sample(epoch: epoch, version: version, keys: keys)
            #expect(again.fault(.hostState(payload: state.encoded)) == nil)
        }
        let other = try HostState.sample(host: "web2.example.com", keys: keys)
        #expect(again.fault(.hostState(payload: other.encoded)) == nil)
    }

    @Test func `refuses a state that counts too long or is not whole`() throws {
        let sample = try SampleVault()
        let keys = [try sample.key(.userCA)]
        let long = try HostState.sample(keys: keys, notAfter: SampleVault.now + 30 * 86_400 + 61)
        #expect(sample.fault(.hostState(payload: long.encoded))?.code == .profileRefused)
        let good = try HostState.sample(keys: keys).encoded
        for payload in [good + [0], Array(good.dropLast()), []] {
            #expect(sample.fault(.hostState(payload: payload))?.code == .profileRefused)
        }
    }
}

@Suite struct `The signer's files` {
    @Test func `are private and open with their key file alone`() throws {
        let folder = SampleVault.newFolder()
        try SampleVault.prepare(folder)
        for name in ["signer.keys", "signer.checkpoint", "signer.hosts", "signer.key"] {
            #expect(try DurableFile("\(folder)/\(name)").access().permissions == 0o600)
        }
        try DurableFile("\(folder)/signer.key").write(secureRandom(32))
        #expect(throws: VaultError.notOurs(path: "\(folder)/signer.keys")) {
            try SampleVault(reopening: folder)
        }
    }

    @Test func `are never replaced`() throws {
        let folder = SampleVault.newFolder()
        try SampleVault.prepare(folder)
        #expect(throws: VaultError.alreadyPrepared(path: "\(folder)/signer.keys")) {
            try SampleVault.prepare(folder)
        }
    }

    @Test(arguments: ["signer.checkpoint", "signer.hosts"])
    func `that the signer remembers by must be there`(_ name: String) throws {
        let folder = SampleVault.newFolder()
        try SampleVault.prepare(folder)
        try DurableFile("\(folder)/\(name)").remove()
        #expect(throws: VaultError.missing(path: "\(folder)/\(name)")) { try SampleVault(reopening: folder) }
    }

    @Test(arguments: ["signer.keys", "signer.checkpoint", "signer.hosts"])
    func `with one bit flipped are refused, S12`(_ name: String) throws {
        let folder = SampleVault.newFolder()
        try SampleVault.prepare(folder)
        let file = DurableFile("\(folder)/\(name)")
        let good = try file.read(limit: 65_536)
        for position in stride(from: 0, to: good.count, by: 11) {
            var bad = good
            bad[position] ^= 4
            try file.write(bad)
            #expect(throws: VaultError.notOurs(path: file.path)) { try SampleVault(reopening: folder) }
        }
    }

    @Test func `cannot stand for one another`() throws {
        let folder = SampleVault.newFolder()
        try SampleVault.prepare(folder)
        let hosts = try DurableFile("\(folder)/signer.hosts").read(limit: 65_536)
        try DurableFile("\(folder)/signer.checkpoint").write(hosts)
        #expect(throws: VaultError.notOurs(path: "\(folder)/signer.checkpoint")) {
            try SampleVault(reopening: folder)
        }
    }

    @Test func `serve one signer at a time`() throws {
        let sample = try SampleVault()
        let path = "\(sample.folder)/signer.lock"
        #expect(throws: VaultError.posix(PosixError("flock", path: path, code: 11))) {
            try SampleVault(reopening: sample.folder)
        }
    }

    @Test func `hide nothing behind a key file that others may read`() throws {
        let folder = SampleVault.newFolder()
        try SampleVault.prepare(folder)
        let key = DurableFile("\(folder)/signer.key")
        try key.write(key.read(limit: 32), mode: 0o640)
        let reason = "others may read the key file; set its mode to 0600"
        #expect(throws: VaultError.keyFile(path: key.path, reason)) { try SampleVault(reopening: folder) }
    }
}
