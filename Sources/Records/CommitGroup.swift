import Authority
import Ledger
import SSHFormats

/// The transaction that the entries in flight share, with the end of the ledger that they append to.
final class CommitGroup {
    let session: any SQLSession
    let now: UnixTime
    let counts: StandingCounts
    let presence: Presence
    /// Sessions of one identity that are open at once.
    let mostSessions: Int
    private var ledger: LedgerHead?
    private var claims = 0
    /// What its facts move, whether or not their part was undone.
    private(set) var moved: Standing = []

    init(
        _ session: any SQLSession, _ counts: StandingCounts, _ presence: Presence, mostSessions: Int,
        now: UnixTime
    ) {
        self.presence = presence
        self.mostSessions = mostSessions
        self.session = session
        self.counts = counts
        self.now = now
    }

    /// Does one caller's part in a savepoint of its own.
    ///
    /// - Returns: What `body` returned or threw; if it threw, nothing of it is left.
    /// - Throws: When the engine cannot even go back to the savepoint: the whole group ends.
    func part<Value>(
        _ body: (CommitGroup) throws(StoreError) -> Value
    ) throws(StoreError) -> Result<Value, StoreError> {
        try session.mark(.begin)
        let before = ledger
        do throws(StoreError) {
            let value = try body(self)
            try session.mark(.keep)
            return .success(value)
        } catch {
            ledger = before
            try session.mark(.undo)
            return .failure(error)
        }
    }

    /// What is due once for all, before the commit.
    func close() throws(StoreError) {
        try ledger?.save(session)
        if claims > 0 { try purgeClaims(2 * claims) }
    }

    /// Where the next event will stand.
    func nextIndex() throws(StoreError) -> UInt64 { try head().size }

    func append(_ event: Event) throws(StoreError) -> UInt64 {
        var head = try head()
        let index = try head.append(event.encoded(), session)
        ledger = head
        return index
    }

    func countClaim() { claims += 1 }

    func move(_ standing: Standing) { moved.formUnion(standing) }

    private func head() throws(StoreError) -> LedgerHead {
        if let ledger { return ledger }
        try session.lock("ledger")
        let loaded = try LedgerHead(session)
        ledger = loaded
        return loaded
    }
}
