import AuthorityAPI
import AuthorityClient
import Foundation
import HostDocuments
import Names
import SSHFormats

/// A host's half of the protocol, without a host around it: what it believes is what an agent would believe.
struct PlayedHost: Sendable {
    let connection: AuthorityConnection
    let hostKey: PrivateKey
    private let stateKey: PublicKey

    /// Adds the host and enrols it.
    init(_ house: Installation, name: String) async throws {
        let added = try await house.reeve(
            "host", "add", name, "--label", "group=default", "--link-only")
        guard added.status == 0 else { throw Failure("host add: \(added.errors)") }
        let link = try EnrolmentAddress(added.output)
        let token = link.token.withExposed { $0 }
        connection = try AuthorityConnection(
            servers: [link.server], trust: .root(pem: try house.rootPEM()), key: try DPoPKey())
        hostKey = try PrivateKey.generate(.ed25519)
        let (begun, _) = try await connection.call(
            .enrol, body: EnrolRequest(token: token), as: EnrolReply.self)
        let signed = Array(EnrolHostRequest.context.utf8) + PlayedHost.bytes(begun.challenge ?? "")
        let proof = EnrolHostRequest.HostKey(
            publicKey: hostKey.publicKey.text(),
            signature: Data(try hostKey.sign(signed).blob).base64EncodedString())
        let (done, _) = try await connection.call(
            .enrolHost, body: EnrolHostRequest(token: token, enrolment: begun.enrolment, hostKeys: [proof]),
            as: EnrolHostReply.self)
        stateKey = try PublicKey(text: done.authority.hostStateKey)
    }

    /// The state that the server gives, if it is signed by the key that was pinned.
    func state() async throws -> HostState {
        let (reply, _) = try await connection.call(.hostState, as: HostStateReply.self)
        let signed = try SignedHostState(
            payload: Array(Data(base64Encoded: reply.state) ?? Data()),
            signature: Array(Data(base64Encoded: reply.signature) ?? Data()))
        return try signed.verify(with: stateKey)
    }

    /// What sshd would be given, as a file.
    func userKRL() async throws -> Data {
        let (reply, _) = try await connection.call(.hostState, as: HostStateReply.self)
        return Data(base64Encoded: reply.userKRL) ?? Data()
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.compactMap { $0.hexDigitValue }
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
