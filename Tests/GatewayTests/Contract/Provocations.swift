import Authority
import AuthorityAPI
import Names
import SSHFormats
import TestKit

@testable import Gateway

/// Brings each status about that `openapi.yaml` lists: one way for all routes where there is one, and else one of the
/// route's own.
enum Provocation {
    /// What is not in either table has no way yet: add one.
    static func reply(_ route: Route, _ status: Int) async throws -> Reply? {
        if let own = own[Key(route, status)] { return try await own(try await TestDoor()) }
        guard let example = Example.all[route] else { return nil }
        if status == 429 || status == 503 { return try await overloaded(route, status, example) }
        let door = try await TestDoor()
        return try await common(status, try await example(door), route, door)
    }

    private static func common(
        _ status: Int, _ example: Example, _ route: Route, _ door: TestDoor
    )
        async throws -> Reply?
    {
        var example = example
        switch status {
        case 200: break
        case 400: example.request.path += (example.request.path.contains("?") ? "&" : "?") + "no-such=1"
        case 401: return try await door.send(example.request)
        case 403: try await suspend(route.access == .host ? "host:web1" : "alice", door)
        case 413:
            if route.method == "GET" { example.request.body = [0x7b] }
            example.request.fields.append(("Content-Length", "2000000"))
        case 415: example.request.fields.removeAll { $0.0 == "Content-Type" }
        case 421: example.request.host = "evil.example.com"
        case 422:
            example.request.fields.append(("Idempotency-Key", "once"))
            guard try await door.send(try example.signed()).status == 200 else { return nil }
            example.request.body.append(UInt8(ascii: " "))
        default: return nil
        }
        return try await door.send(try example.signed())
    }

    /// Where nothing more is taken.
    private static func overloaded(
        _ route: Route, _ status: Int, _ making: Example.Making
    ) async throws
        -> Reply?
    {
        let door = try await TestDoor { configuration in
            guard status == 429 else {
                configuration.mostProofs = 0
                configuration.mostProofsOfStrangers = 0
                return
            }
            configuration.requestsPerSource = 1
        }
        let example = try await making(door)
        if status == 429 { for _ in 0..<10 { _ = try await door.send(TestRequest(.livez)) } }
        return try await door.send(try example.signed())
    }

    private static func suspend(_ text: String, _ door: TestDoor) async throws {
        guard var identity = await door.store.identity(try IdentityID(text)) else { return }
        identity.status = .suspended
        _ = try await door.store.record(Entry([.identityChanged(identity)], event: nil))
    }

    private struct Key: Hashable {
        let route: Route
        let status: Int

        init(_ route: Route, _ status: Int) {
            self.route = route
            self.status = status
        }
    }

    private typealias Own = @Sendable (TestDoor) async throws -> Reply

    private static let own: [Key: Own] = unavailable.merging(missing) { $1 }.merging(forbidden) { $1 }
        .merging(conflicts) { $1 }.merging(pages) { $1 }

    private static let pages: [Key: Own] = [
        Key(.browserPage, 404): { try await $0.send(TestRequest(.browserPage, query: "?request=NONE")) },
        Key(.browserPage, 503): { door in
            await door.store.failReads(.failed(reason: "gone"))
            return try await door.send(TestRequest(.browserPage, query: "?request=NONE"))
        },
        Key(.browserCode, 403): { door in
            var request = try await door.typed("BCDFGHJK", try await door.waitingForBrowser())
            request.fields.removeAll { $0.0 == "Cookie" }
            return try await door.send(request)
        },
        Key(.browserCode, 404): { door in
            let request = try await door.typed("BCDFGHJK", try await door.waitingForBrowser())
            guard var over = try await door.store.browserSignIn(id: "WAITING") else {
                throw TestFailure("nothing waits")
            }
            over.turn = 1
            over.decision = .denied
            _ = try await door.store.record(Entry([.browserSignInMoved(over)], event: nil))
            return try await door.send(request)
        },
        Key(.browserCode, 503): { door in
            let signIn = try await door.waitingForBrowser(provider: "down")
            return try await door.send(try await door.typed("BCDFGHJK", signIn))
        },
        Key(.browserReturn, 400): {
            try await $0.send(TestRequest(.browserReturn, query: "?state=a&state=b"))
        },
        Key(.browserReturn, 404): {
            var request = TestRequest(.browserReturn)
            request.path = "/sign-in/callback/no%20name"
            return try await $0.send(request)
        },
        Key(.browserReturn, 403): { try await $0.send(TestRequest(.browserReturn, query: "?state=a")) },
        Key(.browserReturn, 503): { door in
            let back = try await door.returning()
            await door.store.failReads(.failed(reason: "gone"))
            return try await door.send(back)
        },
    ]

    private static let unavailable: [Key: Own] = [
        Key(.readyz, 503): { _ in
            let failing = ReadinessCheck("signer") { Degradation(.fails, "gone") }
            return try await TestDoor(readiness: [failing]).send(TestRequest(.readyz))
        },
        Key(.checkpoint, 503): { door in
            door.signer.behave(.fails(.unavailable(reason: "gone")))
            _ = try await door.link(for: "carol")
            return try await door.send(TestRequest(.checkpoint))
        },
        Key(.consistency, 503): { door in
            _ = try await door.link(for: "carol")
            await door.store.failReads(.failed(reason: "gone"))
            return try await door.send(TestRequest(.consistency, query: "?first=0&second=1"))
        },
        Key(.passkeyLook, 503): gone(.passkeyLook, #"{"token":"AAAA"}"#),
        Key(.passkeyNumber, 503): gone(.passkeyNumber, #"{"token":"AAAA","number":"4711"}"#),
        Key(.passkeyAnswer, 503): gone(.passkeyAnswer, passkeyAnswer),
        Key(.userKRL, 503): { door in
            await door.store.failReads(.failed(reason: "gone"))
            return try await door.send(TestRequest(.userKRL))
        },
        Key(.hostKRL, 503): { door in
            await door.store.failReads(.failed(reason: "gone"))
            return try await door.send(TestRequest(.hostKRL))
        },
    ]

    private static let missing: [Key: Own] = [
        Key(.keys, 404): { door in
            let key = try PrivateKey.generate(.ed25519).publicKey.fingerprint.description
            return try await asked(.keys, query: "?key=" + key.replacing("+", with: "%2B"))(door)
        },
        Key(.signInDecide, 404): asked(.signInDecide, #"{"id":"none","number":"4711"}"#),
        Key(.passkeyRemove, 404): asked(.passkeyRemove, #"{"name":"none"}"#),
        Key(.keyReauthorize, 404): asked(
            .keyReauthorize, #"{"key":"SHA256:\#(String(repeating: "A", count: 43))"}"#),
        Key(.devices, 404): asked(.devices, query: "?device=device:nobody.laptop"),
        Key(.deviceStatus, 404): asked(.deviceStatus, #"{"device":"device:nobody.laptop","act":"lost"}"#),
        Key(.sessionsEnd, 404): asked(.sessionsEnd, #"{"session":"none"}"#),
        Key(.policy, 404): asked(.policy, query: "?version=99"),
        Key(.policyDiff, 404): asked(.policyDiff, #"{"to":99}"#),
        Key(.certificateLook, 404): asked(.certificateLook, query: "?serial=99"),
        Key(.policyWho, 404): asked(.policyWho, query: "?to=nowhere"),
        Key(.explain, 404): asked(.explain, #"{"to":"nowhere","as":"deploy"}"#),
        Key(.requests, 404): asked(.requests, query: "?number=99"),
        Key(.requestsDecide, 404): { door in
            var example = try await door.decision()
            example.request.body = Array(
                String(decoding: example.request.body, as: UTF8.self).replacing(
                    #""number":1"#, with: #""number":99"#
                ).utf8)
            return try await door.send(try example.signed())
        },
        Key(.signers, 404): asked(.signers, query: "?key=SHA256:\(String(repeating: "A", count: 43))"),
        Key(.identityStatus, 404): asked(.identityStatus, #"{"identity":"nobody","status":"suspended"}"#),
        Key(.identityUpstream, 404): asked(
            .identityUpstream, #"{"identity":"nobody","provider":"corp","subject":"s-1","linked":true}"#),
        Key(.provisionerToken, 404): asked(.provisionerToken, #"{"name":"corp","provider":"none"}"#),
        Key(.provisionerRevoke, 404): asked(.provisionerRevoke, #"{"name":"nobody"}"#),
        Key(.provisionerPerson, 404): asked(
            .provisionerPerson, #"{"name":"nobody","person":"alice","userName":"a","given":true}"#),
        Key(.caRotate, 404): asked(
            .caRotate,
            #"{"authority":"user","stolen":true,"key":"SHA256:\#(String(repeating: "A", count: 43))"}"#),
        Key(.identityLink, 404): asked(.identityLink, #"{"identity":"nobody"}"#),
        Key(.revocations, 404): asked(.revocations, #"{"serial":99,"reason":"why"}"#),
    ]

    private static let forbidden: [Key: Own] = [
        Key(.signInAnswer, 403): { door in
            let example = try await door.signInAnswer()
            try await suspend("device:bob.laptop", door)
            return try await door.send(try example.signed())
        },
        Key(.stepUpAnswer, 403): { door in
            try await suspend("alice", door)
            return try await asked(.stepUpAnswer, #"{"conversation":"00","answers":{"totp":"1"}}"#)(door)
        },
        Key(.enrol, 403): held(.enrol, #"{"token":"none"}"#),
        Key(.enrolPerson, 403): held(
            .enrolPerson,
            #"{"token":"none","enrolment":"00","deviceName":"a","password":"a","totp":"1"}"#),
        Key(.enrolHost, 403): { door in
            let body = String(decoding: try await door.enrolHost().request.body, as: UTF8.self)
            return try await held(.enrolHost, body)(door)
        },
    ]

    private static let conflicts: [Key: Own] = [
        Key(.identityUpstream, 409): { door in
            let account = UpstreamSubject(issuer: PlayedUpstream.issuer, subject: "s-1")
            let link = UpstreamLink(
                account: account, person: IdentityID(.person, try Name("bob")), linkedAt: TestDoor.now)
            _ = try await door.store.record(Entry([.upstreamLinked(link)], event: nil))
            let body = #"{"identity":"alice","provider":"corp","subject":"s-1","linked":true}"#
            return try await asked(.identityUpstream, body)(door)
        },
        Key(.hostAcknowledgement, 409): { door in
            let example = Example(
                .hostAcknowledgement,
                #"{"epoch":1,"version":99999,"issuedAt":1,"enforced":true,"faults":[]}"#,
                by: .holder(door.hostKey))
            return try await door.send(try example.signed())
        },
        Key(.caWaive, 409): asked(.caWaive, #"{"name":"nobody.example.com"}"#),
        Key(.caRotate, 409): { door in
            _ = try await asked(.caRotate, #"{"authority":"user"}"#)(door)
            return try await asked(.caRotate, #"{"authority":"user"}"#)(door)
        },
        Key(.identityLink, 409): crowded(.identityLink, #"{"identity":"bob""#),
        Key(.revocations, 409): crowded(.revocations, #"{"identity":"bob""#),
        Key(.sessionsEnd, 409): crowded(.sessionsEnd, #"{"of":"bob""#),
        Key(.passkeyRemove, 409): crowded(.passkeyRemove, #"{"name":"blue","identity":"bob""#),
        Key(.provisionerRevoke, 409): crowded(.provisionerRevoke, #"{"name":"corp""#),
        Key(.provisionerToken, 409): { door in
            try await door.addProvisioner()
            return try await asked(.provisionerToken, #"{"name":"corp","provider":"corp"}"#)(door)
        },
        Key(.provisionerPerson, 409): { door in
            try await door.addProvisioner()
            let body = #"{"name":"corp","person":"alice","userName":"a","given":true}"#
            _ = try await asked(.provisionerPerson, body)(door)
            return try await asked(.provisionerPerson, body)(door)
        },
        Key(.keyReauthorize, 409): { door in
            let key = try await door.ownKey(.suspended)
            return try await asked(.keyReauthorize, #"{"key":"\#(key)"}"#)(door)
        },
        Key(.deviceStatus, 409): { door in
            try await door.addLaptop()
            return try await asked(.deviceStatus, #"{"device":"device:alice.laptop","act":"resume"}"#)(door)
        },
        Key(.stepUpAnswer, 409): asked(
            .stepUpAnswer, #"{"conversation":"00","answers":{"totp":"1"}}"#),
        Key(.sshKeyAdd, 409): { door in
            // A key of somebody else's.
            let key = try PrivateKey.generate(.ed25519)
            let registered = RegisteredKey(
                publicKey: key.publicKey, identity: IdentityID(.host, try Name(host: "web1")),
                purpose: .authenticate, origin: "host-key", createdAt: TestDoor.now)
            _ = try await door.store.record(Entry([.keyRegistered(registered)], event: nil))
            return try await asked(.sshKeyAdd, try door.sshKeyBody(key))(door)
        },
        Key(.passkeyLook, 409): sent(.passkeyLook, #"{"token":"AAAA"}"#),
        Key(.passkeyNumber, 409): sent(.passkeyNumber, #"{"token":"AAAA","number":"4711"}"#),
        Key(.passkeyAnswer, 409): sent(.passkeyAnswer, passkeyAnswer),
        Key(.passkeyNumber, 401): { door in
            let token = try await door.beginPasskey().token
            return try await sent(.passkeyNumber, #"{"token":"\#(token)","number":"wrong"}"#)(door)
        },
        Key(.passkeyAnswer, 401): { door in
            let begun = try await door.beginPasskey()
            _ = try await door.passkeyAnswer(begun)
            let body = passkeyAnswer.replacing("AAAA", with: begun.token)
            return try await sent(.passkeyAnswer, body)(door)
        },
        Key(.passkeyAdd, 409): { door in
            try await door.addPasskey()
            return try await asked(.passkeyAdd, #"{"name":"blue"}"#)(door)
        },
        Key(.passkeyFinish, 409): asked(.passkeyFinish, #"{"id":"none"}"#),
        Key(.totpFinish, 409): asked(.totpFinish, #"{"enrolment":"00","totp":"1"}"#),
        Key(.signInAnswer, 409): held(
            .signInAnswer, #"{"conversation":"00","answers":{"password":"a","totp":"1"}}"#),
        Key(.enrolPerson, 409): { door in
            let (key, other) = (try DPoPKey(), try DPoPKey())
            _ = try await door.enrolled("carol", key)
            let begun = try await door.begin("bob", key)
            _ = other
            return try await held(.enrolPerson, begun.finish(device: "laptop"), by: key)(door)
        },
        Key(.enrolHost, 409): { door in
            let key = try PrivateKey.generate(.ed25519)
            let registered = RegisteredKey(
                publicKey: key.publicKey, identity: IdentityID(.host, try Name(host: "web1")),
                purpose: .authenticate, origin: "host-key", createdAt: TestDoor.now)
            _ = try await door.store.record(Entry([.keyRegistered(registered)], event: nil))
            return try await door.send(try await door.enrolHost(hostKey: key).signed())
        },
        Key(.requestsDecide, 409): { door in
            let example = try await door.decision()
            _ = try await door.send(try example.signed())
            return try await door.send(try example.signed())
        },
        Key(.certificates, 409): { door in
            let body = #"{"publicKey":"\#(door.hostKey.publicKey.text())","to":"web1","as":"deploy"}"#
            return try await asked(.certificates, body)(door)
        },
        Key(.hostCertificates, 409): { door in
            let body = #"{"publicKeys":["\#(try PrivateKey.generate(.ed25519).publicKey.text())"]}"#
            return try await held(.hostCertificates, body, by: door.hostKey)(door)
        },
        Key(.identityAdd, 409): asked(.identityAdd, #"{"kind":"host","name":"web1"}"#),
        Key(.identityStatus, 409): asked(.identityStatus, #"{"identity":"host:web1","status":"active"}"#),
        Key(.password, 422): asked(.password, #"{"password":"short"}"#),
        Key(.policyDiff, 422): asked(.policyDiff, #"{"text":"nonsense"}"#),
        Key(.policyApply, 409): asked(
            .policyApply, #"{"text":\#(TestDoor.quoted(TestDoor.policy)),"baseVersion":9}"#),
    ]

    private static let passkeyAnswer =
        #"{"token":"AAAA","clientData":"e30","attestationObject":"oA","transports":[]}"#

    /// Where others must agree, and as many requests wait as may.
    private static func crowded(_ route: Route, _ body: String) -> Own {
        { door in
            try await door.holdActs()
            for number in 0..<ApprovalLimits().mostOpen {
                _ = try await asked(route, #"\#(body),"reason":"\#(number)"}"#)(door)
            }
            return try await asked(route, #"\#(body),"reason":"once more"}"#)(door)
        }
    }

    private static func sent(_ route: Route, _ body: String) -> Own {
        { door in try await door.send(TestRequest(route, body)) }
    }

    private static func gone(_ route: Route, _ body: String) -> Own {
        { door in
            await door.store.failReads(.failed(reason: "gone"))
            return try await sent(route, body)(door)
        }
    }

    private static func asked(_ route: Route, _ body: String = "", query: String = "") -> Own {
        { door in
            try await door.send(try TestRequest(route, body, query: query).signed(by: door))
        }
    }

    private static func held(_ route: Route, _ body: String, by key: DPoPKey? = nil) -> Own {
        { door in
            let key = if let key { key } else { try DPoPKey() }
            return try await door.send(try Example(route, body, by: .holder(key)).signed())
        }
    }
}
