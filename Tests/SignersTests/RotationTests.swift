import Foundation
import HostDocuments
import SSHFormats
import SignerProtocol
import SignerVault
import Testing

@Suite struct `The CA keys of a signer` {
    @Test func `become prepared, signing, retiring and retired, over restarts too`() throws {
        var sample = try SampleVault()
        let old = try sample.key(.userCA)
        let (new, _) = try prepared(sample)
        #expect(try prepared(sample).key == new)
        sample = try reopened(sample)
        #expect(states(sample, .userCA) == [old: .signing, new: .prepared])
        // Nothing is signed by it yet, whoever asks.
        var certificate = SampleCertificate()
        certificate.signatureKey = new
        #expect(try sample.fault(certificate.request(sample))?.code == .unknownKey)
        #expect(sample.fault(.retireKey(.userCA, old))?.code == .keyState)

        #expect(sample.fault(.promoteKey(.userCA, new)) == nil)
        #expect(sample.fault(.promoteKey(.userCA, new)) == nil)
        sample = try reopened(sample)
        #expect(states(sample, .userCA) == [old: .retiring, new: .signing])
        #expect(try sample.fault(certificate.request(sample)) == nil)
        certificate.signatureKey = old
        #expect(try sample.fault(certificate.request(sample))?.code == .unknownKey)
        #expect(sample.fault(.promoteKey(.userCA, old))?.code == .keyState)
        // Both may be trusted by hosts meanwhile.
        let both = try HostState.sample(keys: [new, old])
        #expect(sample.fault(.hostState(payload: both.encoded)) == nil)

        #expect(sample.fault(.retireKey(.userCA, old)) == nil)
        #expect(sample.fault(.retireKey(.userCA, old)) == nil)
        sample = try reopened(sample)
        #expect(states(sample, .userCA) == [new: .signing])
        let stale = try HostState.sample(version: 2, keys: [new, old])
        #expect(sample.fault(.hostState(payload: stale.encoded))?.code == .unknownKey)
        #expect(sample.fault(.promoteKey(.userCA, old))?.code == .keyState)
        // A key of the authority, even a former one, is not certified.
        certificate.signatureKey = new
        certificate.publicKey = old
        #expect(try sample.fault(certificate.request(sample))?.code == .profileRefused)
    }

    @Test func `are taken over by signers with the same key file alone, and never after they were retired`()
        throws
    {
        let first = try SampleVault()
        let copy = SampleVault.newFolder()
        try FileManager.default.copyItem(atPath: first.folder, toPath: copy)
        let second = try SampleVault(reopening: copy)
        let stranger = try SampleVault()
        let old = try first.key(.userCA)
        let (new, sealed) = try prepared(first)
        #expect(stranger.fault(.adoptKey(.userCA, sealed: sealed))?.code == .wrongKey)
        #expect(second.fault(.adoptKey(.hostCA, sealed: sealed))?.code == .unknownKey)
        var flipped = sealed
        flipped[flipped.count / 2] ^= 1
        #expect(second.fault(.adoptKey(.userCA, sealed: flipped))?.code == .wrongKey)
        for _ in 0..<2 { #expect(second.fault(.adoptKey(.userCA, sealed: sealed)) == nil) }
        #expect(states(second, .userCA) == [old: .signing, new: .prepared])
        for request in [SignerRequest.promoteKey(.userCA, new), .retireKey(.userCA, old)] {
            #expect(first.fault(request) == nil && second.fault(request) == nil)
        }
        var certificate = SampleCertificate()
        certificate.signatureKey = new
        #expect(try second.fault(certificate.request(second)) == nil)
        let (newest, _) = try prepared(second)
        #expect(second.fault(.promoteKey(.userCA, newest)) == nil)
        #expect(second.fault(.retireKey(.userCA, new)) == nil)
        #expect(second.fault(.adoptKey(.userCA, sealed: sealed))?.code == .keyState)
    }

    @Test(arguments: [SignerRole.tlsRoot, .token, .checkpoint, .hostState])
    func `are those that sign certificates and no others`(_ role: SignerRole) throws {
        let frame = SignerRequest.prepareKey(role).frame(id: 1)
        #expect(throws: SignerFault.self) { try SignerRequest(frame) }
    }

    @Test func `are at most sixteen of a role`() throws {
        let sample = try SampleVault()
        for _ in 0..<15 {
            let (key, _) = try prepared(sample)
            #expect(sample.fault(.promoteKey(.userCA, key)) == nil)
        }
        #expect(sample.fault(.prepareKey(.userCA))?.code == .keyState)
    }

    private func prepared(_ sample: SampleVault) throws -> (key: PublicKey, sealed: [UInt8]) {
        guard case .key(let key, let sealed) = sample.ask(.prepareKey(.userCA)) else {
            throw SignerFault(.unavailable, "no key")
        }
        return (key, sealed)
    }

    private func states(_ sample: SampleVault, _ role: SignerRole) -> [PublicKey: KeySetState] {
        guard case .hello(let greeting) = sample.ask(.hello(version: 1)) else { return [:] }
        let keys = greeting.keys.filter { $0.role == role }.map { ($0.publicKey, $0.state) }
        return Dictionary(uniqueKeysWithValues: keys)
    }

    /// The same after its process was started anew.
    private func reopened(_ sample: SampleVault) throws -> SampleVault {
        let copy = SampleVault.newFolder()
        try FileManager.default.copyItem(atPath: sample.folder, toPath: copy)
        return try SampleVault(reopening: copy)
    }
}
