import AuthorityAPI
import Glibc
import Names
import Posix

/// Fetching in turn: of many programs that find no certificate at the same time one fetches it, and the others wait for that one
/// and take its word where it failed.
struct FetchTurn {
    private let state: StateFolder
    /// For whom and where, `login@host`.
    private let place: String
    /// Whether somebody can be asked.
    private let mayAsk: Bool
    private let begun = WallClock.now()

    private static let lockFile = "fetch.lock"
    private static let failureFile = "fetch.failed"
    /// Seconds for which nobody asks again an authority that could not be reached.
    private static let pause: UInt64 = 10

    init(_ state: StateFolder, place: String, mayAsk: Bool) {
        self.state = state
        self.place = place
        self.mayAsk = mayAsk
    }

    /// How the last fetch failed.
    private struct Failure: Codable {
        let at: UInt64
        let place: String
        let exit: Int32
        /// Whether somebody was there who could be asked.
        let asked: Bool
    }

    /// Does it when it is its turn, within 30 s, or within two minutes where the one before may be asking a person.
    ///
    /// - Parameter skipsUnreachable: Whether to trust that an authority which could not be reached just now still cannot.
    /// - Throws: ``Fault`` also when the one before failed in a way that holds for this one too.
    func taken<Result>(
        skipsUnreachable: Bool = false, _ use: () async throws -> Result
    ) async throws -> Result {
        let (lock, hasWaited) = try await wait()
        defer { withExtendedLifetime(lock) {} }
        if let failure = lastFailure(), concerns(failure, hasWaited, skipsUnreachable) {
            throw Fault(
                ExitStatus(rawValue: failure.exit) ?? .refused,
                "no certificate for \(place): the same was tried a moment ago and failed",
                next: "Try it alone: reeve ssh \(place)")
        }
        do { return try await use() } catch {
            note(Fault(error))
            throw error
        }
    }

    /// For a fetch that is given up from outside.
    func note(_ fault: Fault) {
        // Where the folder takes no file, the next one finds out for itself.
        try? state.write(
            Failure(at: WallClock.now(), place: place, exit: fault.status.rawValue, asked: mayAsk),
            to: Self.failureFile)
    }

    private func wait() async throws -> (FileLock, hasWaited: Bool) {
        let path = state.path + "/" + Self.lockFile
        let end = ContinuousClock.now + .seconds(mayAsk ? 120 : 30)
        var hasWaited = false
        while true {
            do { return (try FileLock(path), hasWaited) } catch {
                guard error.code == EWOULDBLOCK else { throw error }
                guard ContinuousClock.now < end else {
                    throw Fault(
                        .unreachable, "another fetch has not ended", next: "Look for a reeve that waits.")
                }
            }
            hasWaited = true
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func lastFailure() -> Failure? {
        (try? state.record(Self.failureFile, as: Failure.self)) ?? nil
    }

    private func concerns(_ failure: Failure, _ hasWaited: Bool, _ skipsUnreachable: Bool) -> Bool {
        let now = WallClock.now()
        guard failure.at <= now else { return false }
        if hasWaited, failure.at >= begun {
            let isUnreachable = failure.exit == ExitStatus.unreachable.rawValue
            return isUnreachable || (failure.place == place && (failure.asked || !mayAsk))
        }
        return skipsUnreachable && failure.exit == ExitStatus.unreachable.rawValue
            && now - failure.at < Self.pause
    }
}
