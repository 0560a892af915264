import Authority
import AuthorityAPI
import Names
import SSHFormats
import TestKit

@testable import Gateway

/// A request of each route that succeeds, after what has to be there for it.
struct Example: Sendable {
    var request: TestRequest
    /// Who sends it; a proof counts once, so each time anew.
    let sender: Sender

    enum Sender: Sendable {
        case nobody
        case holder(DPoPKey)
        /// With a token.
        case session(DPoPKey)
        /// With a token of their own.
        case signedIn(DPoPKey, token: String)
    }

    /// By nobody.
    init(_ request: TestRequest) {
        self.request = request
        sender = .nobody
    }

    init(_ route: Route, _ body: String = "", query: String = "", by sender: Sender) {
        request = TestRequest(route, body, query: query)
        self.sender = sender
    }

    /// The request with a fresh proof.
    func signed() throws -> TestRequest {
        var request = request
        switch sender {
        case .nobody: break
        case .holder(let key): request.proof = try request.proof(by: key, token: nil)
        case .session(let key):
            request.token = TestDoor.token
            request.proof = try request.proof(by: key)
        case .signedIn(let key, let token):
            request.token = token
            request.proof = try request.proof(by: key, token: token)
        }
        return request
    }
}

extension Example {
    typealias Making = @Sendable (TestDoor) async throws -> Example

    /// A route that is missing here has no example: add one.
    static let all: [Route: Making] = anyones.merging(signInAndEnrolment) { $1 }.merging(sessions) { $1 }
        .merging(hosts) { $1 }.merging(accounts) { $1 }.merging(passkeys) { $1 }
        .merging(pages) { $1 }.merging(provisioners) { $1 }
        .merging(authorityKeys) { $1 }

    private static let pages: [Route: Making] = [
        .browserPage: { door in
            _ = try await door.waitingForBrowser()
            return Example(TestRequest(.browserPage, query: "?request=WAITING"))
        },
        .browserCode: { door in
            Example(try await door.typed("BCDF-GHJK", try await door.waitingForBrowser()))
        },
        .browserReturn: { door in Example(try await door.returning()) },
    ]

    private static let anyones: [Route: Making] = Dictionary(
        uniqueKeysWithValues: [
            Route.livez, .readyz, .metrics, .authority, .checkpoint, .userKRL, .hostKRL,
        ].map { route in
            let making: Making = { _ in Example(route, by: .nobody) }
            return (route, making)
        })

    private static let signInAndEnrolment: [Route: Making] = [
        .signIn: { _ in Example(.signIn, #"{"name":"alice"}"#, by: .holder(try DPoPKey())) },
        .signInAnswer: { door in try await door.signInAnswer() },
        .enrol: { door in
            Example(.enrol, #"{"token":"\#(try await door.link(for: "bob"))"}"#, by: .holder(try DPoPKey()))
        },
        .enrolPerson: { door in
            let key = try DPoPKey()
            let begun = try await door.begin("bob", key)
            return Example(.enrolPerson, begun.finish(device: "laptop"), by: .holder(key))
        },
        .enrolHost: { door in try await door.enrolHost() },
    ]

    private static let sessions: [Route: Making] = [
        .session: own(.session), .reach: own(.reach), .signOut: own(.signOut, "{}"),
        .identities: own(.identities, query: "?kind=host&limit=2"),
        .policy: own(.policy), .policyHistory: own(.policyHistory, query: "?limit=5"),
        .policyDiff: own(.policyDiff, #"{"text":\#(TestDoor.quoted(TestDoor.policy + "\n"))}"#),
        .policyWho: own(.policyWho, query: "?to=web1"),
        .policyApply: own(
            .policyApply, #"{"text":\#(TestDoor.quoted(TestDoor.policy)),"baseVersion":1,"reason":"why"}"#),
        .certificates: { door in
            let line = try PrivateKey.generate(.ed25519).publicKey.text()
            return Example(
                .certificates, #"{"publicKey":"\#(line)","to":"web1","as":"deploy","for":600}"#,
                by: .session(door.key))
        },
        .certificateLook: { door in
            let line = try PrivateKey.generate(.ed25519).publicKey.text()
            let made = Example(
                .certificates, #"{"publicKey":"\#(line)","to":"web1","as":"deploy"}"#, by: .session(door.key))
            let serial = try await door.send(try made.signed()).field("Keyreeve-Serial") ?? ""
            return Example(.certificateLook, query: "?serial=\(serial)", by: .session(door.key))
        },
        .governance: own(.governance),
        .requests: { door in
            _ = try await door.waitingRequest()
            return Example(.requests, query: "?ended=true&limit=5", by: .session(door.key))
        },
        .requestsDecide: { door in try await door.decision() },
        .explain: own(.explain, #"{"to":"web1","as":"deploy"}"#),
        .identityAdd: own(
            .identityAdd, #"{"kind":"host","name":"db1","aliases":["db"],"labels":["env=lab"]}"#),
        .identityStatus: own(
            .identityStatus, #"{"identity":"host:web1","status":"suspended","reason":"why"}"#),
        .identityUpstream: own(
            .identityUpstream, #"{"identity":"alice","provider":"corp","subject":"s-1","linked":true}"#),
        .identityLink: own(.identityLink, #"{"identity":"host:web1"}"#),
        .revocations: own(.revocations, #"{"identity":"host:web1","reason":"why"}"#),
        .events: own(.events, query: "?from=0&limit=10"),
        .consistency: { door in
            _ = try await door.link(for: "carol")
            return Example(.consistency, query: "?first=0&second=1", by: .nobody)
        },
        .signers: { door in
            let fingerprint = door.hostKey.publicKey.fingerprint.description.replacing("+", with: "%2B")
            return Example(.signers, query: "?key=\(fingerprint)", by: .session(door.key))
        },
        .inclusion: { door in
            _ = try await door.link(for: "carol")
            return Example(.inclusion, query: "?index=0&size=1", by: .session(door.key))
        },
    ]

    private static let accounts: [Route: Making] = [
        .keyReauthorize: { door in
            let key = try await door.ownKey(.active)
            return Example(.keyReauthorize, #"{"key":"\#(key)","reason":"why"}"#, by: .session(door.key))
        },
        .keys: own(.keys, query: "?state=active&limit=5"), .devices: own(.devices),
        .deviceStatus: { door in
            try await door.addLaptop()
            return Example(
                .deviceStatus, #"{"device":"device:alice.laptop","act":"suspend","reason":"why"}"#,
                by: .session(door.key))
        },
        .sessionList: own(.sessionList), .sessionsEnd: own(.sessionsEnd, #"{"others":true}"#),
        .stepUp: own(.stepUp, #"{"factors":["totp"]}"#),
        .stepUpAnswer: { door in try await door.stepUpAnswer() },
        .recoveryCodes: own(.recoveryCodes, "{}"), .totp: own(.totp, "{}"),
        .password: own(.password, #"{"password":"another long sentence","endOthers":true}"#),
        .pendingSignIns: own(.pendingSignIns),
        .signInDecide: { door in
            let pending = PendingSignIn(
                id: "waiting", identity: try IdentityID("alice"), number: "4711",
                key: door.hostKey.publicKey.fingerprint, source: "192.0.2.9", askedAt: TestDoor.now)
            _ = try await door.store.record(Entry([.signInPending(pending)], event: nil))
            return Example(.signInDecide, #"{"id":"waiting"}"#, by: .session(door.key))
        },
        .sshKeyAdd: { door in
            let body = try door.sshKeyBody(try PrivateKey.generate(.ed25519))
            return Example(.sshKeyAdd, body, by: .session(door.key))
        },
        .totpFinish: { door in
            let alice = try await door.requester(TestDoor.token, door.key)
            let (secret, state) = try await door.door.authority.newAuthenticator.begin(by: alice)
            let code = TOTP.code(secret: secret.withExposed { $0 }, step: TestDoor.now.seconds / 30)
            return Example(
                .totpFinish, #"{"enrolment":"\#(state)","totp":"\#(code)"}"#, by: .session(door.key))
        },
    ]

    private static let hosts: [Route: Making] = [
        .hostState: { Example(.hostState, by: .holder($0.hostKey)) },
        .hostEvents: { Example(.hostEvents, by: .holder($0.hostKey)) },
        .hostAcknowledgement: { door in
            let version = await door.store.hostStateVersion()
            return Example(
                .hostAcknowledgement,
                #"{"epoch":1,"version":\#(version),"issuedAt":1,"enforced":true,"faults":["clock-wrong"]}"#,
                by: .holder(door.hostKey))
        },
        .hosts: own(.hosts, query: "?missing=1&limit=5"),
        .enforcement: own(.enforcement, query: "?version=0&wait=0"),
        .hostCertificates: { door in
            let key = try PrivateKey.generate(.ed25519).publicKey
            let registered = RegisteredKey(
                publicKey: key, identity: IdentityID(.host, try Name(host: "web1")), purpose: .authenticate,
                origin: "host-key", createdAt: TestDoor.now)
            _ = try await door.store.record(Entry([.keyRegistered(registered)], event: nil))
            return Example(
                .hostCertificates, #"{"publicKeys":["\#(key.text())"]}"#, by: .holder(door.hostKey))
        },
    ]

    static func own(_ route: Route, _ body: String = "", query: String = "") -> Making {
        { door in Example(route, body, query: query, by: .session(door.key)) }
    }
}

/// An enrolment of a person that waits for its end.
struct BegunEnrolment: Sendable {
    static let password = "correct horse battery"
    let token: String
    let state: String
    let seed: [UInt8]

    func code(after steps: UInt64 = 0) -> String {
        TOTP.code(secret: seed, step: TestDoor.now.seconds / 30 + steps)
    }

    func finish(device: String, password: String = BegunEnrolment.password) -> String {
        """
        {"token":"\(token)","enrolment":"\(state)","deviceName":"\(device)","password":"\(password)",\
        "totp":"\(code())"}
        """
    }
}

extension TestDoor {
    static func quoted(_ text: String) -> String {
        String(decoding: APICoding.encode([text]), as: UTF8.self).dropFirst().dropLast().description
    }

    /// A token for this identity, which is added.
    func link(for text: String) async throws -> String {
        let id = try IdentityID(text)
        let hash = TokenHash.of("token-of-\(text)")
        let link = EnrolmentLink(
            tokenHash: hash, identity: id, madeBy: nil, notAfter: TestDoor.now.advanced(by: 900))
        let identity = Identity(id: id, owner: nil, createdAt: TestDoor.now)
        _ = try await store.record(
            Entry(
                [.identityAdded(identity), .linkMade(link)],
                event: Event(
                    time: TestDoor.now, action: .linkMade, actor: nil, requestID: "r", source: "192.0.2.1")))
        return "token-of-\(text)"
    }

    func begin(_ person: String, _ key: DPoPKey) async throws -> BegunEnrolment {
        let token = try await link(for: person)
        let begun = try await door.authority.enrolment.begin(
            token: token, key: key.publicKey, source: "192.0.2.1", requestID: "r")
        guard case .newFactors(let secret) = begun.needs else { throw TestFailure("\(person) has factors") }
        return BegunEnrolment(token: token, state: begun.state, seed: secret.withExposed { $0 })
    }

    /// A person who enrolled with this key; their code is then used up.
    func enrolled(_ person: String, _ key: DPoPKey) async throws -> BegunEnrolment {
        let begun = try await begin(person, key)
        let request = PersonEnrolment(
            token: begun.token, state: begun.state, deviceName: "laptop",
            password: Secret(Array(BegunEnrolment.password.utf8)), code: begun.code())
        _ = try await door.authority.personEnrolment.finish(
            request, key: key.publicKey, source: "192.0.2.1", requestID: "r", once: .unclaimed)
        return begun
    }

    func signInAnswer(_ person: String = "bob", key: DPoPKey? = nil) async throws -> Example {
        let key = if let key { key } else { try DPoPKey() }
        let known = try await enrolled(person, key)
        let (state, _) = try await door.authority.signIn.start(
            name: person, key: key.publicKey, source: "192.0.2.1")
        return Example(
            .signInAnswer,
            """
            {"conversation":"\(state)","answers":{"password":"\(BegunEnrolment.password)",\
            "totp":"\(known.code(after: 1))"}}
            """, by: .holder(key))
    }

    func enrolHost(hostKey: PrivateKey? = nil) async throws -> Example {
        let key = try DPoPKey()
        let token = try await link(for: "host:new1")
        let begun = try await door.authority.enrolment.begin(
            token: token, key: key.publicKey, source: "192.0.2.1", requestID: "r")
        guard case .hostKeys(let challenge) = begun.needs else { throw TestFailure("no challenge") }
        let own = if let hostKey { hostKey } else { try PrivateKey.generate(.ed25519) }
        let signature = try own.sign(Array(EnrolHostRequest.context.utf8) + challenge)
        return Example(
            .enrolHost,
            """
            {"token":"\(token)","enrolment":"\(begun.state)","hostKeys":[{"publicKey":"\(own.publicKey.text())",\
            "signature":"\(Field.base64(signature.blob))"}]}
            """, by: .holder(key))
    }
}

extension TestDoor {
    /// What alice sends to register an ssh key.
    func sshKeyBody(_ key: PrivateKey) throws -> String {
        let text = SSHKeyRequest.text(identity: "alice", origin: door.authority.origin)
        let signature = try SSHSIG.sign(
            Array(text.utf8), namespace: SSHKeyRequest.namespace, with: key)
        return #"{"signature":"\#(signature.armoured.replacing("\n", with: "\\n"))"}"#
    }

    /// A device of alice.
    func addLaptop() async throws {
        let alice = IdentityID(.person, try Name("alice"))
        let laptop = Identity(
            id: try IdentityID("device:alice.laptop"), owner: alice, createdAt: TestDoor.now)
        _ = try await store.record(Entry([.identityAdded(laptop)], event: nil))
    }

    func requester(_ token: String, _ key: DPoPKey) async throws -> Requester {
        try await door.authority.sessions.authenticate(
            tokenHash: TokenHash.of(token), key: key.publicKey, source: "192.0.2.1", requestID: "r")
    }

    /// By bob, who enrolled just now.
    func stepUpAnswer() async throws -> Example {
        let key = try DPoPKey()
        let begun = try await begin("bob", key)
        let request = PersonEnrolment(
            token: begun.token, state: begun.state, deviceName: "laptop",
            password: Secret(Array(BegunEnrolment.password.utf8)), code: begun.code())
        let new = try await door.authority.personEnrolment.finish(
            request, key: key.publicKey, source: "192.0.2.1", requestID: "r", once: .unclaimed)
        let token = new.value.token.withExposed { $0 }
        let (state, _) = try await door.authority.stepUp.start(["totp"], by: try await requester(token, key))
        return Example(
            .stepUpAnswer,
            #"{"conversation":"\#(state)","answers":{"totp":"\#(begun.code(after: 1))"}}"#,
            by: .signedIn(key, token: token))
    }
}
