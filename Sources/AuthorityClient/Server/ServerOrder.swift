import AuthorityAPI
import Crypto
import Posix
import Synchronization

/// In which order one client tries the servers of its authority; shared by all copies of a connection.
///
/// Every client has an order of its own (highest random weight: SHA-256 of its key and the address), so that thousands
/// spread evenly, and spread again over the others when a server is lost. A server that failed comes last for a while
/// of random length, so that not every call waits for it and not all come back to it at once.
final class ServerOrder: Sendable {
    private struct State {
        var servers: [ServerAddress]
        /// Until when a server that failed comes last, in nanoseconds.
        var rests: [ServerAddress: UInt64] = [:]
    }

    /// Nanoseconds for which a server that failed comes last.
    static let rest: ClosedRange<UInt64> = 30_000_000_000...90_000_000_000

    private let client: [UInt8]
    private let now: @Sendable () -> UInt64
    private let state: Mutex<State>

    /// - Parameters:
    ///   - client: What tells this client from others and stays the same; empty keeps the order as given.
    ///   - now: Time that only grows, in nanoseconds.
    init(
        _ servers: [ServerAddress], client: [UInt8],
        now: @escaping @Sendable () -> UInt64 = MonotonicClock.now
    ) {
        self.client = client
        self.now = now
        state = Mutex(State(servers: Self.sorted(servers, for: client)))
    }

    /// All of them, the best first, whatever failed.
    var all: [ServerAddress] { state.withLock(\.servers) }

    /// All of them, as they are to be tried now.
    var next: [ServerAddress] {
        let now = now()
        return state.withLock { state in
            let rests = state.rests.filter { $0.value > now }
            let resting = state.servers.filter { rests[$0] != nil }
            return state.servers.filter { rests[$0] == nil }
                + resting.sorted { (rests[$0] ?? 0) < (rests[$1] ?? 0) }
        }
    }

    func failed(_ server: ServerAddress) {
        let end = now() + UInt64.random(in: Self.rest)
        state.withLock { $0.rests[server] = end }
    }

    func answered(_ server: ServerAddress) { state.withLock { $0.rests[server] = nil } }

    /// Takes another list; what failed a moment ago is still remembered. An empty list changes nothing.
    func replace(_ servers: [ServerAddress]) {
        guard !servers.isEmpty else { return }
        let sorted = Self.sorted(servers, for: client)
        state.withLock { $0.servers = sorted }
    }

    private static func sorted(_ servers: [ServerAddress], for client: [UInt8]) -> [ServerAddress] {
        var seen: Set<ServerAddress> = []
        let distinct = servers.filter { seen.insert($0).inserted }
        guard !client.isEmpty else { return distinct }
        return distinct.map { server in
            (server, weight: Array(SHA256.hash(data: client + Array(server.description.utf8))))
        }.sorted { $0.weight.lexicographicallyPrecedes($1.weight) }.map(\.0)
    }
}
