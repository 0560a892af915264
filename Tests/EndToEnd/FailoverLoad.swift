import AsyncHTTPClient
import AuthorityAPI
import NIOCore
import NIOHTTP1
import SSHFormats
import Synchronization
import Testing

@testable import AuthorityClient

/// Callers who each ask one server after the other until they get their certificate, always by the same Idempotency-Key;
/// after trouble, and now and then without, they ask a second server for what they already hold.
final class FailoverLoad: Sendable {
    static let width = 6
    let delivered = Delivered()
    /// Certificates that were asked for again, and when the newest of all came.
    private let state = Mutex((retried: 0, refused: 0, newest: ContinuousClock.now))
    private let servers: [ServerAddress]
    private let connection: AuthorityConnection
    private let callers = Mutex<Task<Void, Never>?>(nil)

    var retried: Int { state.withLock(\.retried) }
    private var refused: Int { state.withLock(\.refused) }

    /// Starts to ask.
    init(_ nodes: [Installation]) throws {
        servers = try nodes.map { try ServerAddress($0.url) }
        connection = try nodes[0].connection()
        callers.withLock { $0 = Task { [self] in await ask() } }
    }

    /// Waits for so many more certificates.
    func issue(_ count: Int, _ when: String) async throws {
        let wanted = delivered.count + count
        try await until("certificates are issued, \(when)") { self.delivered.count >= wanted }
    }

    /// Waits until so many more requests were in vain.
    func fail(_ count: Int, _ when: String) async throws {
        let wanted = refused + count
        try await until("requests are refused, \(when)") { self.refused >= wanted }
    }

    /// Waits for the next certificate.
    ///
    /// - Returns: When it came.
    func nextDelivery() async throws -> ContinuousClock.Instant {
        let before = state.withLock(\.newest)
        try await until("the next certificate") { self.state.withLock(\.newest) > before }
        return state.withLock(\.newest)
    }

    func end() async throws {
        let task = callers.withLock { $0 }
        task?.cancel()
        await task?.value
        await connection.close()
    }

    private func ask() async {
        await withTaskGroup(of: Void.self) { group in
            for caller in 0..<Self.width {
                group.addTask { [self] in
                    var turn = caller
                    while !Task.isCancelled {
                        await certificate(turn)
                        turn += 1
                    }
                }
            }
        }
    }

    private func certificate(_ turn: Int) async {
        guard let key = try? PrivateKey.generate(.ed25519).publicKey.text() else { return }
        let request = CertificateRequest(publicKey: key, to: nil, as: "boss", grant: "first-hosts")
        let call = PreparedCall(.certificates, body: APICoding.encode(request))
        var attempt = turn
        var first: CertificateReply?
        while !Task.isCancelled {
            first = await answer(call, servers[attempt % servers.count])
            if first != nil { break }
            state.withLock { $0.refused += 1 }
            attempt += 1
            try? await ContinuousClock().sleep(for: .milliseconds(20))  // polls: as clients do
        }
        guard let first, (try? delivered.add(first)) != nil else { return }
        state.withLock { $0.newest = .now }
        guard attempt != turn || turn.isMultiple(of: 8),
            let again = await answer(call, servers[(attempt + 1) % servers.count])
        else { return }
        #expect(again.certificate == first.certificate, "a retry got another certificate")
        state.withLock { $0.retried += 1 }
    }

    /// One attempt; nil for anything but a certificate.
    private func answer(_ call: PreparedCall, _ server: ServerAddress) async -> CertificateReply? {
        guard let request = try? connection.request(call, to: server),
            let response = try? await connection.client.execute(request, timeout: .seconds(15)),
            response.status == .ok,
            let body = try? await response.body.collect(upTo: 65_536)
        else { return nil }
        return try? APICoding.decode(
            CertificateReply.self, from: Array(buffer: body), unknownFields: .ignored)
    }
}
