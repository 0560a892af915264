/// Tells the held connections of hosts that their state moved.
package actor HostStateBroadcast {
    private var listeners: [UInt64: AsyncStream<UInt64>.Continuation] = [:]
    private var next: UInt64 = 0
    private var newest: UInt64 = 0
    /// What all listeners have heard.
    private var told: UInt64 = 0
    private let certificates: any Certificates

    package init(_ certificates: any Certificates) { self.certificates = certificates }

    /// The version now, then every later one; of several moves in a row only the newest is kept for a slow
    /// reader.
    package func versions() async throws(AuthorityError) -> AsyncStream<UInt64> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: UInt64.self, bufferingPolicy: .bufferingNewest(1))
        let id = next
        next += 1
        // Listens before it reads, so that no move falls between the two.
        listeners[id] = continuation
        continuation.onTermination = { [weak self] _ in Task { await self?.leave(id) } }
        do throws(AuthorityError) {
            raise(to: try await version())
            continuation.yield(newest)
            return stream
        } catch {
            listeners[id] = nil
            throw error
        }
    }

    /// Reads the version and tells everybody, if it moved. A store that cannot answer costs nothing: hosts also poll.
    package func moved() async {
        guard let now = try? await certificates.hostStateVersion() else { return }
        raise(to: now)
        guard newest > told else { return }
        told = newest
        for listener in listeners.values { listener.yield(newest) }
    }

    /// Answers of the store may overtake each other; what listeners hear only grows.
    private func raise(to version: UInt64) { newest = max(newest, version) }

    private func version() async throws(AuthorityError) -> UInt64 {
        do { return try await certificates.hostStateVersion() } catch { throw .store(error) }
    }

    private func leave(_ id: UInt64) { listeners[id] = nil }
}
