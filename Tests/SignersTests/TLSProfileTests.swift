import SSHFormats
import SignerProtocol
import SignerVault
import Testing

/// A TBSCertificate by hand (RFC 5280 §4.1).
private struct SampleTBS {
    var issuer = "root"
    var subject = "localhost"
    var notBefore = "270115080000Z"
    var notAfter = "270215080000Z"
    var isAuthority = false
    var keyUsage: UInt8 = 0x80
    var purposes: [[UInt8]] = [[0x2b, 6, 1, 5, 5, 7, 3, 1]]
    var algorithm: [UInt8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]
    var point = [4] + [UInt8](repeating: 7, count: 64)

    var bytes: [UInt8] {
        der(
            0x30,
            der(0xa0, der(2, [2])) + der(2, [1]) + der(0x30, der(6, algorithm)) + name(issuer)
                + der(0x30, der(0x17, Array(notBefore.utf8)) + der(0x17, Array(notAfter.utf8)))
                + name(subject)
                + publicKeyInfo + der(0xa3, der(0x30, extensions)))
    }

    private var publicKeyInfo: [UInt8] {
        let ecdsa = der(6, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01])
        let curve = der(6, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07])
        return der(0x30, der(0x30, ecdsa + curve) + der(3, [0] + point))
    }

    private var extensions: [UInt8] {
        var list: [UInt8] = []
        if isAuthority { list += field([0x55, 0x1d, 0x13], der(0x30, der(1, [0xff]))) }
        list += field([0x55, 0x1d, 0x0f], der(3, [0, keyUsage]))
        if !purposes.isEmpty {
            list += field([0x55, 0x1d, 0x25], der(0x30, purposes.flatMap { der(6, $0) }))
        }
        return list
    }

    private func field(_ name: [UInt8], _ value: [UInt8]) -> [UInt8] {
        der(0x30, der(6, name) + der(1, [0xff]) + der(4, value))
    }

    private func name(_ text: String) -> [UInt8] {
        der(0x30, der(0x31, der(0x30, der(6, [0x55, 4, 3]) + der(0x0c, Array(text.utf8)))))
    }

    private func der(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        switch content.count {
        case ..<0x80: [tag, UInt8(content.count)] + content
        case ..<0x100: [tag, 0x81, UInt8(content.count)] + content
        default: [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 0xff)] + content
        }
    }
}

@Suite struct `The signer's TLS root` {
    private let sample: SampleVault
    private let root: SampleTBS

    init() throws {
        sample = try SampleVault()
        var root = SampleTBS()
        root.subject = "root"
        root.notAfter = "450101000000Z"
        root.isAuthority = true
        root.keyUsage = 0x06
        root.purposes = []
        root.point = Array(try sample.key(.tlsRoot).blob.suffix(65))
        self.root = root
    }

    private func refusal(_ change: (inout SampleTBS) -> Void) -> String? {
        var leaf = SampleTBS()
        change(&leaf)
        return sample.fault(.tls(toBeSigned: leaf.bytes))?.reason
    }

    @Test func `signs leaves and itself`() {
        #expect(refusal { _ in } == nil)
        #expect(sample.fault(.tls(toBeSigned: root.bytes)) == nil)
    }

    @Test func `signs no other authority`() {
        #expect(refusal { $0.isAuthority = true } == "the only authority that this key certifies is itself")
        #expect(refusal { $0.keyUsage = 0x84 } == "a leaf may not sign certificates")
        let point = root.point
        #expect(refusal { $0.point = point } == "a leaf may not have the key of the root")
        var other = root
        other.subject = "another"
        #expect(
            sample.fault(.tls(toBeSigned: other.bytes))?.reason
                == "the only authority that this key certifies is itself")
    }

    @Test func `signs for TLS alone`() {
        #expect(refusal { $0.purposes = [] } == "a leaf is for TLS servers and clients only")
        #expect(
            refusal { $0.purposes.append([0x2b, 6, 1, 5, 5, 7, 3, 3]) }
                == "a leaf is for TLS servers and clients only")
    }

    @Test func `bounds validity to the second`() {
        // 2027-01-15 08:00:00 UTC is the time of the sample; 398 days and a minute later is the end.
        #expect(refusal { $0.notAfter = "280217080100Z" } == nil)
        #expect(refusal { $0.notAfter = "280217080101Z" } == "valid for 34387261 s, more than 34387260 s")
    }

    @Test func `signs nothing that is not plain DER of version 3`() {
        let reason = "not a version 3 certificate for ecdsa-with-SHA256"
        #expect(refusal { $0.algorithm[7] = 3 } == reason)
        #expect(refusal { $0.notAfter = "270230080000" } == reason)
        let good = SampleTBS().bytes
        for count in 0..<good.count {
            #expect(sample.fault(.tls(toBeSigned: Array(good.prefix(count))))?.reason == reason)
        }
        #expect(sample.fault(.tls(toBeSigned: good + [0]))?.reason == reason)
    }
}
