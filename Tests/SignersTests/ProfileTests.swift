import Posix
import SSHFormats
import SignerProtocol
import SignerVault
import Testing

@Suite struct `The signer's profile` {
    @Test(arguments: [SignerRole.userCA, .plainUserCA, .hostCA])
    func `lets a proper certificate pass and its signature verifies`(_ role: SignerRole) throws {
        let sample = try SampleVault()
        var certificate = SampleCertificate(role: role)
        if role == .plainUserCA { certificate.principals = ["deploy"] }
        if role == .hostCA { certificate = .host(["web1.example.com", "10.0.0.7", "fe80::1"]) }
        let draft = try certificate.draft(sample)
        guard case .signature(let signature) = sample.ask(.certificate(role, toBeSigned: draft.toBeSigned))
        else {
            Issue.record("no signature")
            return
        }
        #expect(try draft.sealed(with: signature).signatureKey == sample.key(role))
    }

    @Test func `bounds validity to the second, C05`() throws {
        let sample = try SampleVault()
        var certificate = SampleCertificate()
        #expect(try sample.fault(certificate.request(sample)) == nil)
        certificate.validAfter -= 1
        #expect(
            try sample.fault(certificate.request(sample))
                == SignerFault(.profileRefused, "valid for 28861 s, more than 28860 s"))
        certificate.validAfter = SampleVault.now + 61
        certificate.validBefore = SampleVault.now + 28_861
        #expect(
            try sample.fault(certificate.request(sample))
                == SignerFault(.profileRefused, "valid until more than 28860 s from now"))
        certificate.validBefore = .max
        #expect(try sample.fault(certificate.request(sample))?.code == .profileRefused)
    }

    @Test func `ties the kind to the role, Y05`() throws {
        let sample = try SampleVault()
        let host = SampleCertificate(kind: .host, principals: ["web1.example.com"], extensions: .none)
        #expect(
            try sample.fault(host.request(sample))
                == SignerFault(.profileRefused, "this key does not sign host certificates"))
        var user = SampleCertificate.host(["deploy@web1"])
        user.kind = .user
        #expect(try sample.fault(user.request(sample))?.code == .profileRefused)
    }

    @Test(arguments: [
        (SignerRole.userCA, "deploy"), (.userCA, "deploy@"), (.userCA, "Deploy@web1"), (.userCA, "@web1"),
        (.userCA, "deploy@env=a=b"), (.userCA, "*@web1"), (.userCA, "deploy@*"), (.userCA, "deploy@WEB1"),
        (.plainUserCA, "deploy@web1"), (.plainUserCA, "deploy@env=staging"), (.plainUserCA, "Root"),
        (.hostCA, "deploy@web1"), (.hostCA, "*.example.com"), (.hostCA, "WEB1"), (.hostCA, "web1..example"),
        (.hostCA, "env=staging"),
    ])
    func `holds principals to the form of the role, Y05`(_ role: SignerRole, _ principal: String) throws {
        let sample = try SampleVault()
        var certificate = role == .hostCA ? SampleCertificate.host([]) : SampleCertificate(role: role)
        certificate.principals = [principal]
        #expect(try sample.fault(certificate.request(sample))?.code == .profileRefused)
    }

    @Test func `refuses options and extensions that it does not name, Y05`() throws {
        let sample = try SampleVault()
        var certificate = SampleCertificate()
        try certificate.criticalOptions.add(CertificateOption(name: "strange@example.com", data: []))
        #expect(
            try sample.fault(certificate.request(sample))
                == SignerFault(.profileRefused, "the critical option strange@example.com is not allowed"))
        certificate = SampleCertificate(extensions: Extensions(noTouchRequired: true))
        #expect(
            try sample.fault(certificate.request(sample))
                == SignerFault(.profileRefused, "the extension no-touch-required is not allowed"))
    }

    @Test func `refuses a foreign signature key and the keys of the house, C16`() throws {
        let sample = try SampleVault()
        let foreign = SampleCertificate(signatureKey: try PrivateKey.generate(.ed25519).publicKey)
        #expect(try sample.fault(foreign.request(sample))?.code == .unknownKey)
        let own = SampleCertificate(publicKey: try sample.key(.hostCA))
        #expect(
            try sample.fault(own.request(sample))
                == SignerFault(.profileRefused, "keys of the authority are not certified"))
    }

    @Test func `refuses an envelope altered to another role, C16`() throws {
        let sample = try SampleVault()
        let draft = try SampleCertificate.host(["web1"]).draft(sample)
        #expect(sample.fault(.certificate(.userCA, toBeSigned: draft.toBeSigned))?.code == .unknownKey)
        #expect(sample.fault(.certificate(.tlsRoot, toBeSigned: draft.toBeSigned))?.code == .unknownKey)
    }

    @Test func `never signs bytes that are no certificate, C16`() throws {
        let sample = try SampleVault()
        let good = try SampleCertificate().draft(sample).toBeSigned
        let refused = SignerFault(.profileRefused, "the bytes are not those of a certificate")
        for count in stride(from: 0, to: good.count, by: 7) {
            #expect(sample.fault(.certificate(.userCA, toBeSigned: Array(good.prefix(count)))) == refused)
        }
        #expect(sample.fault(.certificate(.userCA, toBeSigned: good + [0])) == refused)
    }

    @Test func `caps the rate, Y05`() throws {
        let sample = try SampleVault(profile: ["rate=2"])
        let request = try SampleCertificate().request(sample)
        #expect(sample.fault(request) == nil)
        #expect(sample.fault(request) == nil)
        #expect(sample.fault(request)?.code == .rateLimited)
        sample.clock.advance(milliseconds: 500)
        #expect(sample.fault(request) == nil)
        #expect(sample.fault(request)?.code == .rateLimited)
    }

    @Test func `narrowed to logins and places holds to them`() throws {
        let sample = try SampleVault(profile: ["logins=deploy", "places=.example.com,env=staging"])
        for principal in ["deploy@web1.example.com", "deploy@env=staging"] {
            #expect(try sample.fault(SampleCertificate(principals: [principal]).request(sample)) == nil)
        }
        for principal in ["root@web1.example.com", "deploy@web1.example.org", "deploy@env=production"] {
            let request = try SampleCertificate(principals: [principal]).request(sample)
            #expect(sample.fault(request)?.code == .profileRefused)
        }
    }

    @Test func `is read back from its words`() throws {
        for role in SignerRole.allCases {
            var profile = Profile.standard(role)
            try profile.set(profile.description.split(separator: " ").map(String.init))
            #expect(profile == .standard(role))
        }
    }

    @Test(arguments: [
        "validity", "validity=", "validity=-1", "principals=0", "principals=257", "form=x", "x=1",
    ])
    func `with a faulty field is not taken`(_ word: String) {
        var profile = Profile.standard(.userCA)
        #expect(throws: VaultError.self) { try profile.set([word]) }
        #expect(profile == .standard(.userCA))
    }
}
