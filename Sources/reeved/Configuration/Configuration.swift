import Authority
import AuthorityAPI
import Logging
import Names
import Records
import SSHFormats
import Telemetry

/// How this server runs: every value checked, every default argued in ``Setting/all``.
struct Configuration: Sendable {
    var host = "127.0.0.1"
    var port = 8443
    /// What stands in links and certificates; people and hosts reach the server by it.
    var name = "localhost"
    /// Further names and numeric addresses in the TLS certificate.
    var alternativeNames: [String] = ["127.0.0.1", "::1"]
    /// Where people and hosts reach all nodes; empty means this one alone, by its name.
    var addresses: [ServerAddress] = []
    /// The first admin, at the first start; nil is whoever starts it.
    var admin: Name?
    var origin: String?
    /// A PostgreSQL database for all nodes; nil keeps everything in SQLite, in the data folder.
    var database: PostgresAddress?
    /// PEM files of a publicly trusted certificate chain and its key; nil uses the self-made root.
    var tlsCertificate: String?
    var tlsKey: String?
    /// Unix socket of a signer that somebody else runs; nil starts one.
    var signerSocket: String?
    /// Keys of the front doors that are believed.
    var doors: [PublicKey] = []
    /// Where people reach the front door, and its host key: both, or there is none to tell of.
    var doorAddress: (String, Int)?
    var doorHostKey: PublicKey?
    var pam = PAMConfiguration()
    var passkeys = PasskeyConfiguration()
    /// Seconds.
    var sessionAbsolute: UInt64 = 43_200
    var sessionIdle: UInt64 = 7_200
    var sessionsPerIdentity = Records.mostSessions
    /// Which factors together make a sign-in, the usual way first.
    var signInWays: [SignInWay] = [.standard]
    /// What an ssh key must be to count as a factor.
    var sshKeys = SSHKeyDemand.any
    /// Identity providers.
    var providers: [ProviderEntry] = []
    var attemptsPerSource = 5
    var attemptsPerDay = 33
    var attemptsFirstDelay: UInt64 = 60
    var attemptsLongestDelay: UInt64 = 3_600
    var hashingQueue = 256
    var hashingQueuePerSource = 32
    /// Seconds.
    var hashingPatience: UInt64 = 30
    /// File with well-known passwords, one a line.
    var knownPasswords: String?
    /// Seconds.
    var approvalsLasting: UInt64 = 3_600
    var approvalsMostOpen = 8
    var headerBytes = 32_768
    var bodyBytes = 65_536
    var connections = 16_384
    var connectionsPerSource = 12_288
    var eventStreams = 12_288
    var requestsPerSource = 200
    var requestsPerIdentity = 500
    /// Seconds.
    var requestTimeout = 30
    var idleTimeout = 60
    /// Bytes.
    var leastFree: UInt64 = 67_108_864
    var logFormat = LogFormat.json
    var logLevel = Logger.Level.info
}
