import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `L07 Secrets` {
    private static let password = "canary horse battery staple"

    @Test func `are in no event, error, description or plain byte of the store`() async throws {
        let house = try await TestHouse()
        var texts: [String] = []
        let token = try await house.link(for: "alice")
        let key = try TestHouse.key(1)
        let begun = try await house.authority.enrolment.begin(
            token: token, key: key.publicKey, source: "192.0.2.1", requestID: "r")
        guard case .newFactors(let secret) = begun.needs else { throw TestFailure("alice has factors") }
        let seed = secret.withExposed { $0 }
        var codes: [String] = []
        func code() -> String {
            let code = TOTP.code(secret: seed, step: house.clock.now.seconds / 30)
            codes.append(code)
            return code
        }
        let request = PersonEnrolment(
            token: token, state: begun.state, deviceName: "laptop",
            password: Secret(Array(Self.password.utf8)), code: code())
        let once = Once<NewSession>(claim: house.claim(1)) { new in new.token.withExposed { Array($0.utf8) } }
        let enrolled = try await house.authority.personEnrolment.finish(
            request, key: key.publicKey, source: "192.0.2.1", requestID: "r", once: once)
        texts.append("\(begun) \(enrolled)")
        for name in ["alice", "nobody"] {
            for wrong in [Self.password + "!", Self.password] {
                house.clock.step(30)
                let error = await failure {
                    try await house.signIn(
                        name, password: wrong, code: wrong == Self.password ? "x" : code(), key: key)
                }
                texts.append("\(String(reflecting: error))")
            }
        }
        house.clock.step(30)
        let session = try await house.signIn("alice", password: Self.password, code: code(), key: key)
        texts.append("\(session) \(String(reflecting: session))")
        let again = await failure {
            try await house.authority.personEnrolment.finish(
                request, key: key.publicKey, source: "192.0.2.1", requestID: "r", once: once)
        }
        texts.append("\(String(reflecting: again))")

        let tokens = [token] + [enrolled.value, session].map { $0.token.withExposed { $0 } }
        let canaries = [Self.password] + tokens
        let kept = await house.store.everything
        for canary in canaries.map({ Array($0.utf8) }) + [seed, Array("\(seed)".dropFirst().dropLast().utf8)]
        {
            #expect(!kept.contains { $0.holds(canary) })
            #expect(!texts.contains { Array($0.utf8).holds(canary) })
        }
        let events = await house.store.leaves(from: 0, limit: .max)
        for code in codes { #expect(!events.contains { $0.bytes.holds(Array("\"\(code)\"".utf8)) }) }
    }
}
