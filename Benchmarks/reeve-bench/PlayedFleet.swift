import AuthorityAPI
import AuthorityClient
import HostDocuments
import Names
import Posix
import SSHFormats

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// That a host has acknowledged a version.
struct FleetWord: Sendable {
    let host: Int
    let version: UInt64
    /// Nanoseconds of the monotonic clock.
    let at: UInt64
}

/// Many hosts, each with a connection and a key of its own.
struct PlayedFleet: Sendable {
    private struct Host: Sendable {
        let connection: AuthorityConnection
        let stateKey: PublicKey
    }

    private let hosts: [Host]

    init(_ count: Int, _ admin: AuthorityConnection, pem: String) async throws {
        let run = UInt32.random(in: 0 ... .max)
        var hosts: [Host] = []
        for number in 0..<count {
            let request = IdentityAddRequest(
                kind: "host", name: "bench-\(run)-\(number).example.com", labels: ["group=bench"])
            let added = try await admin.call(.identityAdd, body: request, as: IdentityAddReply.self).0
            hosts.append(try await Self.enrol(added.link.link, pem: pem))
        }
        self.hosts = hosts
    }

    /// Each follows its push stream until the task is cancelled.
    func run(_ said: @escaping @Sendable (FleetWord) -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, host) in hosts.enumerated() {
                group.addTask {
                    for try await _ in host.connection.events(.hostEvents) {
                        let version = try await Self.follow(host)
                        said(FleetWord(host: number, version: version, at: MonotonicClock.now()))
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func enrol(_ text: String, pem: String) async throws -> Host {
        let link = try EnrolmentAddress(text)
        let token = link.token.withExposed { $0 }
        let connection = try AuthorityConnection(
            servers: [link.server], trust: .root(pem: pem), key: try DPoPKey())
        let hostKey = try PrivateKey.generate(.ed25519)
        let begun = try await connection.call(.enrol, body: EnrolRequest(token: token), as: EnrolReply.self).0
        let signed = Array(EnrolHostRequest.context.utf8) + bytes(begun.challenge ?? "")
        let proof = EnrolHostRequest.HostKey(
            publicKey: hostKey.publicKey.text(),
            signature: Data(try hostKey.sign(signed).blob).base64EncodedString())
        let request = EnrolHostRequest(token: token, enrolment: begun.enrolment, hostKeys: [proof])
        let done = try await connection.call(.enrolHost, body: request, as: EnrolHostReply.self).0
        return Host(connection: connection, stateKey: try PublicKey(text: done.authority.hostStateKey))
    }

    /// Fetches the state, checks it as an agent does, and acknowledges it.
    private static func follow(_ host: Host) async throws -> UInt64 {
        let reply = try await host.connection.call(.hostState, as: HostStateReply.self).0
        let signed = try SignedHostState(
            payload: Array(Data(base64Encoded: reply.state) ?? Data()),
            signature: Array(Data(base64Encoded: reply.signature) ?? Data()))
        let state = try signed.verify(with: host.stateKey)
        _ = try KRL(bytes: Array(Data(base64Encoded: reply.userKRL) ?? Data()))
        let request = HostAcknowledgementRequest(
            epoch: state.epoch, version: state.version, issuedAt: state.issuedAt, enforced: true, faults: [])
        _ = try await host.connection.call(
            .hostAcknowledgement, body: request, as: HostAcknowledgementReply.self)
        return state.version
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.compactMap { $0.hexDigitValue }
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
