import HostDocuments
import Ledger
import Posix
import SSHFormats
import SignerProtocol
import SignerVault
import Synchronization
import Testing

/// A vault in a folder of its own, at a time of its own.
final class SampleVault: Sendable {
    static let now: UInt64 = 1_800_000_000

    let folder: String
    let vault: Vault
    let keys: [SignerRole: PublicKey]
    let clock: Ticks

    /// A monotonic clock that stands until it is moved.
    final class Ticks: Sendable {
        private let value = Mutex<UInt64>(1_000_000_000)

        var now: UInt64 { value.withLock { $0 } }

        func advance(milliseconds: UInt64) { value.withLock { $0 += milliseconds * 1_000_000 } }
    }

    static func newFolder() -> String { "/tmp/keyreeve-vault-\(UInt64.random(in: 0 ... .max))" }

    static func prepare(_ folder: String) throws {
        try VaultFiles.prepare(folder: folder, keyFile: "\(folder)/signer.key")
    }

    /// A vault with new keys; `profile` changes that of userCA first.
    convenience init(profile: [String] = []) throws {
        let folder = Self.newFolder()
        try Self.prepare(folder)
        try self.init(reopening: folder, profile: profile)
    }

    init(reopening folder: String, profile: [String] = []) throws {
        self.folder = folder
        let files = try VaultFiles(folder: folder, keyFile: "\(folder)/signer.key")
        if !profile.isEmpty {
            var keyring = try files.keyring()
            try keyring.set(profile, of: .userCA)
            try files.save(keyring)
        }
        let clock = Ticks()
        self.clock = clock
        vault = try Vault(files, now: { Self.now }, ticks: { clock.now })
        guard case .hello(let greeting) = vault.answer(.hello(version: 1)).reply else {
            throw SignerFault(.wrongVersion, "no greeting")
        }
        let signing = greeting.keys.filter { $0.state == .signing }
        keys = Dictionary(uniqueKeysWithValues: signing.map { ($0.role, $0.publicKey) })
    }

    func key(_ role: SignerRole) throws -> PublicKey { try #require(keys[role]) }

    func ask(_ request: SignerRequest) -> SignerReply { vault.answer(request).reply }

    /// The fault of a request, or nil if it was granted.
    func fault(_ request: SignerRequest) -> SignerFault? {
        guard case .fault(let fault) = ask(request) else { return nil }
        return fault
    }
}

/// What a certificate is made of, with everything in order until a test changes it.
struct SampleCertificate {
    var role = SignerRole.userCA
    var kind = CertificateKind.user
    var principals = ["deploy@web1.example.com", "deploy@env=staging"]
    var validAfter = SampleVault.now - 60
    var validBefore = SampleVault.now + 28_800
    var criticalOptions = CriticalOptions.none
    var extensions = Extensions.standard
    var publicKey: PublicKey?
    var signatureKey: PublicKey?

    static func host(_ principals: [String]) -> SampleCertificate {
        SampleCertificate(
            role: .hostCA, kind: .host, principals: principals, validBefore: SampleVault.now + 30 * 86_400,
            extensions: .none)
    }

    func draft(_ sample: SampleVault) throws -> CertificateDraft {
        try CertificateDraft(
            kind: kind, publicKey: try publicKey ?? PrivateKey.generate(.ed25519).publicKey, serial: 42,
            keyID: "alice", principals: Principals(principals),
            validity: Validity(validAfter: UnixTime(validAfter), validBefore: UnixTime(validBefore)),
            criticalOptions: criticalOptions, extensions: extensions, nonce: secureRandom(32),
            signatureKey: signatureKey ?? sample.key(role))
    }

    func request(_ sample: SampleVault) throws -> SignerRequest {
        .certificate(role, toBeSigned: try draft(sample).toBeSigned)
    }
}

extension HostState {
    static func sample(
        host: String = "web1.example.com", epoch: UInt64 = 1, version: UInt64 = 1, keys: [PublicKey],
        notAfter: UInt64 = SampleVault.now + 3_600
    ) throws -> HostState {
        try HostState(
            host: host, epoch: epoch, version: version, issuedAt: SampleVault.now, notAfter: notAfter,
            krlHash: [UInt8](repeating: 1, count: 32), hostKRLHash: [UInt8](repeating: 2, count: 32),
            labels: ["env=staging", "dc=fra"], userCAKeys: keys)
    }
}
