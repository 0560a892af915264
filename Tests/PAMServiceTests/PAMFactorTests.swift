import Authority
import Names
import PAMProtocol
import SSHFormats
import SignIn
import TestKit
import Testing

@Suite struct `Whom PAM is asked about` {
    private func opening(_ login: String?, by source: LoginSource) throws -> PAMOpening {
        let attributes = IdentityAttributes(login: try login.map { try Login($0) }, loginBy: source)
        let person = Identity(
            id: try IdentityID("alice"), owner: nil, attributes: attributes, createdAt: UnixTime(0))
        return PAMFactor.opening(
            ConversationFacts(
                id: "1", name: "alice", person: person, key: try TestHouse.key(1).publicKey.fingerprint,
                source: "192.0.2.1", startedAt: UnixTime(0)))
    }

    private static let cases: [(String?, LoginSource, PAMOpening.Standing, String)] = [
        ("gerrit", .admin, .mapped, "gerrit"), ("gerrit", .provider, .person, "gerrit"),
        (nil, .admin, .person, "alice"), (nil, .provider, .person, "alice"),
    ]

    @Test(arguments: cases) func `M05 is an account of the system by an admin's word alone`(
        _ login: String?, _ source: LoginSource, _ standing: PAMOpening.Standing, _ user: String
    ) throws {
        let opening = try opening(login, by: source)
        #expect(opening.standing == standing && opening.user == user && opening.shown == "alice")
    }
}
