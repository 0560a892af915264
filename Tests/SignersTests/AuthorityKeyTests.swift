import Crypto
import SSHFormats
import SignerProtocol
import Testing

@testable import SignerVault

@Suite struct `The key of a certificate authority` {
    private let message = Array("a certificate".utf8)

    @Test(arguments: [SignerRole.userCA, .plainUserCA, .hostCA])
    func `is P-256, which OpenSSH checks ten times as fast, and signs as SSH does`(_ role: SignerRole) throws
    {
        let key = try VaultKey.make(role)
        #expect(key.publicKey.type == .ecdsaP256)
        for _ in 0..<200 {  // numbers of every length
            try key.publicKey.verify(try key.sign(message), over: message)
        }
    }

    @Test func `of an older installation stays Ed25519 and signs`() throws {
        var writer = WireWriter()
        writer.string(SignerRole.userCA.rawValue)
        writer.string(KeySetState.signing.rawValue)
        writer.string(KeyType.ed25519.name)
        writer.string(Array(Curve25519.Signing.PrivateKey().rawRepresentation))
        var reader = WireReader(writer.bytes)
        let key = try VaultKey(from: &reader)
        #expect(key.publicKey.type == .ed25519)
        try key.publicKey.verify(try key.sign(message), over: message)
    }
}
