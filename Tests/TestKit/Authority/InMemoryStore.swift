package import Authority
import Ledger
import Names
package import SSHFormats

/// All storage ports of the authority in the fewest words: arrays, searched from end to end. Held to the contract by the
/// conformance suite of the storage engines.
package actor InMemoryStore {
    /// All that one entry may change; a copy of it is the savepoint.
    struct Contents: Sendable {
        var identities: [Identity] = []
        var keys: [RegisteredKey] = []
        var keyStates: [Fingerprint: [KeyStateChange]] = [:]
        var secrets: [KeptSecret] = []
        var links: [EnrolmentLink] = []
        var sessions: [KeptSession] = []
        var steps: [IdentityID: UInt64] = [:]
        var codes: [IdentityID: [[UInt8]]] = [:]
        var notices: [IdentityID: [Notice.Kind: Notice]] = [:]
        var pending: [PendingSignIn] = []
        var passkeys: [Passkey] = []
        var passkeyRequests: [PasskeyRequest] = []
        var browserSignIns: [BrowserSignIn] = []
        var policies: [PolicyVersion] = []
        var upstream: [UpstreamLink] = []
        var groups: [IdentityID: [String: Set<Name>]] = [:]
        var provisioners: [Provisioner] = []
        var provisionerTokens: [ProvisionerToken] = []
        var provisionedPersons: [ProvisionedPerson] = []
        var provisionedGroups: [ProvisionedGroup] = []
        var certificates: [IssuedCertificate] = []
        var approvals: [ApprovalFound] = []
        var keySources: [Fingerprint: [String: UnixTime]] = [:]
        var revocations: [KeptRevocation] = []
        var hostState: UInt64 = 0
        var clocks: [IdentityID: HostClock] = [:]
        var ended: [IdentityID: (state: HostStateNumber, count: UInt64)] = [:]
        var acknowledged: [IdentityID: (said: HostAcknowledgement, since: UnixTime)] = [:]
        var caKeys: [CAKey] = []
        var caWaivers: [CAWaiver] = []
        var caKnown: [Fingerprint: Set<IdentityID>] = [:]
        var standing: UInt64 = 0
        var events: [Event] = []
        var claims: [KeptClaim] = []
    }

    struct KeptSecret: Sendable {
        let id: IdentityID
        let factor: Factor
        let sealed: [UInt8]
        var setAt: UnixTime?
    }

    struct KeptSession: Sendable {
        var session: Session
        let tokenHash: [UInt8]
    }

    /// With the identity and its devices, as they were then.
    struct KeptRevocation: Sendable {
        let revocation: Revocation
        let holders: Set<IdentityID>
    }

    struct KeptClaim: Sendable {
        let claim: IdempotencyClaim
        let reply: RememberedReply
    }

    var contents = Contents()
    var attempts: [(attempt: Attempt, isCleared: Bool)] = []
    var serials: [SerialReservation] = []
    var kept: [KeptCheckpoint] = []
    private var fault: (@Sendable (Entry) -> StoreError?)?
    private var readFault: StoreError?
    private var life = 0
    package nonisolated let expected = ExpectedEntries()
    private let now: @Sendable () -> UnixTime

    package init(now: @escaping @Sendable () -> UnixTime) { self.now = now }

    /// From now on entries for which this returns an error are refused with it, and nothing of them is kept.
    package func fail(_ fault: (@Sendable (Entry) -> StoreError?)?) { self.fault = fault }

    /// From now on nothing can be found out about revocations.
    package func failReads(_ fault: StoreError?) { readFault = fault }

    func checkReads() throws(StoreError) { if let readFault { throw readFault } }

    /// What a restart of the process does to it: open serial blocks have lost their owner.
    package func restart() { life += 1 }

    var presentLife: Int { life }

    /// Waits a little after reading, so that what others do meanwhile shows.
    func dawdle() async { for _ in 0..<8 { await Task.yield() } }
}

extension InMemoryStore: Journal {
    package func record(_ entry: Entry) throws(StoreError) -> Receipt {
        if let error = fault?(entry) { throw error }
        let before = contents
        do throws(RefusedFact) {
            return try keep(entry)
        } catch {
            contents = before
            throw error.error
        }
    }

    package func remembered(_ claim: IdempotencyClaim, at now: UnixTime) -> RememberedReply? {
        contents.claims.first { $0.claim.scopeHash == claim.scopeHash && now <= $0.claim.notAfter }?.reply
    }

    private func keep(_ entry: Entry) throws(RefusedFact) -> Receipt {
        let index = entry.event == nil ? nil : UInt64(contents.events.count)
        let receipt = Receipt(index: index, treeSize: index.map { $0 + 1 })
        if let claim = entry.claim {
            if let found = remembered(claim, at: now()) { throw RefusedFact(.claimed(found)) }
            contents.claims.removeAll { $0.claim.scopeHash == claim.scopeHash }
            let reply = RememberedReply(bodyHash: claim.bodyHash, reply: entry.reply, receipt: receipt)
            contents.claims.append(KeptClaim(claim: claim, reply: reply))
        }
        for fact in entry.facts { try contents.apply(fact, at: entry.event?.time) }
        if let event = entry.event { contents.events.append(event) }
        return receipt
    }
}

/// Why a fact does not hold.
struct RefusedFact: Error {
    let error: StoreError

    init(_ conflict: Conflict) { error = .conflict(conflict) }
    private init(_ error: StoreError) { self.error = error }

    static let busy = RefusedFact(StoreError.busy)
}
