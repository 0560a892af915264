import Authority

/// One connection of this process that reads, always from the server that is written to.
final class PostgresReader {
    private let door: PostgresDoor
    private var opened: PostgresDoor.Opened?
    private var backoff = Backoff()

    init(_ door: PostgresDoor) { self.door = door }

    /// Runs the work in one snapshot. It may run twice: reading changes nothing.
    func read<Result: Sendable>(
        _ work: SQLWork<Result>, done: @Sendable (ReadOutcome<Result>) -> Void
    ) {
        for _ in 0..<2 {
            let link: PostgresLink
            do throws(PostgresFault) { link = try connected() } catch { return done(.failed(.busy)) }
            let session = PostgresSession(link, isHopeful: false)
            do throws(StoreError) {
                try session.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                let result = try work(session)
                try session.settle()
                done(.done(result))
                return end { () throws(LinkError) in try link.run(["COMMIT"], by: .answer) }
            } catch {
                end { () throws(LinkError) in
                    if let ending = session.ending, case .lost = ending { throw ending }
                    try link.rollBack()
                }
                guard let ending = session.ending else { return done(.failed(error)) }
                guard opened == nil || ending.endsLink else { return done(.failed(ending.storeError)) }
                opened = nil
            }
        }
        done(.failed(.busy))
    }

    private func connected() throws(PostgresFault) -> PostgresLink {
        if let opened, door.isCurrent(opened.server) { return opened.link }
        opened = nil
        guard backoff.isOver else { throw .unreachable("tried a moment ago") }
        do throws(PostgresFault) {
            let fresh = try door.open()
            backoff.succeed()
            opened = fresh
            return fresh.link
        } catch {
            backoff.fail()
            throw error
        }
    }

    private func end(_ body: () throws(LinkError) -> Void) {
        do throws(LinkError) { try body() } catch { opened = nil }
    }
}
