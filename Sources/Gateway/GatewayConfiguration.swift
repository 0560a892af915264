package import AuthorityAPI
package import SSHFormats

/// What the door lets in and how long it waits. Checked at the roof.
package struct GatewayConfiguration: Sendable {
    /// Address or name to listen on.
    package var address = "127.0.0.1"
    /// TCP port; 0 lets the system choose.
    package var port = 7443
    /// Names, without port, that requests may call us by (`Host`): a proof made for another server is worth nothing here.
    package var hosts: Set<String>
    /// Version of the program, as ``AuthorityInfo`` shows it.
    package var version: String
    /// What enrolment links begin with.
    package var links: LinkText
    /// Where all servers of the authority answer, as ``AuthorityInfo`` tells it.
    package var servers: [String] = []
    /// Keys of the front doors whose word on where a request comes from is believed.
    package var doors: [PublicKey] = []
    /// The front door that clients are told of.
    package var door: DoorInfo?
    /// Names this process to callers: a proof that has it counts here alone (RFC 9449 §8). New with every start, and never
    /// the same at two. Without one, proofs are remembered by this process alone, until it ends.
    package var nonce: String?
    /// Whether other servers of the same authority keep their records in the same place, which is then far away.
    package var isShared = false

    /// All header fields of a request together, in bytes.
    package var longestHeader = 32_768
    package var mostHeaderFields = 100
    /// Body of a request, in bytes.
    package var longestBody = 65_536
    /// Body of `POST /v1/policy`, in bytes.
    package var longestPolicyBody = 1_048_576

    /// Connections at once; further ones wait in the listen queue.
    package var mostConnections = 16_384
    /// Connections at once from one address.
    package var mostConnectionsPerSource = 12_288
    /// Requests a second that prove no identity, from one address (IPv6: /64); ten seconds' worth may come at once.
    package var requestsPerSource = 200
    /// Requests a second of one identity; ten seconds' worth may come at once.
    package var requestsPerIdentity = 500
    /// Streams of host events at once.
    package var mostEventStreams = 12_288
    /// Requests that wait for the same Idempotency-Key at once.
    package var mostWaitingRepetitions = 1024
    /// Ids of proofs remembered at once, for callers who are known.
    package var mostProofs = 1_048_576
    /// The same for strangers. A network alone may have a ninth of it, which is twice what ``requestsPerSource`` lets
    /// through while a proof counts.
    package var mostProofsOfStrangers = 262_144

    /// Seconds that a proof may be old or early.
    package var proofTolerance: UInt64 = 60
    /// Seconds for the body of a request to arrive.
    package var bodyTimeout = 15
    /// Seconds without a request after which a connection is closed.
    package var idleTimeout = 75
    /// Seconds between the signs of life of an event stream.
    package var keepAlive = 15
    /// Seconds that requests in flight have when the server shuts down.
    package var farewell = 5

    package init(hosts: Set<String>, version: String, links: LinkText) {
        self.hosts = hosts
        self.version = version
        self.links = links
    }
}
