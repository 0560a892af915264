import Authority
import AuthorityAPI
import Names
import SSHFormats

extension Routes {
    func passkeys(_ call: Call) async throws -> Answer {
        try call.query.only("of")
        let of = try call.query.text("of").map { try Self.identity("of", $0) }
        let all = try await authority.passkeys.list(of: of, by: try call.requester)
        return .json(PasskeysReply(passkeys: all.map(PasskeyInfo.init)))
    }

    func passkeyAdd(_ call: Call) async throws -> Answer {
        let request = try call.message(NewPasskeyRequest.self)
        let name = try request.name.map(Self.passkeyName)
        let begun = try await authority.passkeys.begin(
            name, request.securityKey == true ? .discouraged : .required, by: try call.requester)
        return .json(
            NewPasskeyReply(
                id: begun.id, url: begun.address, number: begun.number, notAfter: begun.end.seconds))
    }

    func passkeyFinish(_ call: Call) async throws -> Answer {
        let request = try call.message(PasskeyFinish.self)
        let id = try Field.handle("id", request.id)
        let once = call.once { (reached: PasskeyDesk.Reached) in
            switch reached {
            case .waiting: PasskeyFinished(passkey: nil)
            case .registered(let passkey): PasskeyFinished(passkey: PasskeyInfo(passkey))
            }
        }
        return Answer(try await authority.passkeys.finish(id, by: try call.requester, once: once), once)
    }

    func passkeyRemove(_ call: Call) async throws -> Answer {
        let request = try call.message(PasskeyRemoval.self)
        let once = call.once { (passkey: Passkey) in PasskeyInfo(passkey) }
        let name = try Self.passkeyName(request.name)
        let of = try request.identity.map { try Self.identity("identity", $0) }
        let desk = authority.passkeys
        return Answer(try await desk.remove(name, of: of, by: try call.requester, once: once), once)
    }

    private static func identity(_ field: String, _ text: String) throws -> IdentityID {
        try Field.name(field) { () throws(NameError) in try IdentityID(text) }
    }

    private static func passkeyName(_ text: String) throws -> Name {
        try Field.name("name") { () throws(NameError) in try Name(text) }
    }

    func passkeyLook(_ call: Call) async throws -> Answer {
        let page = authority.passkeyPage
        let request = try await page.look(try call.message(PasskeyPageToken.self).token)
        let left = request.end.seconds - min(request.end.seconds, now().seconds)
        return .json(
            PasskeyPageFacts(
                purpose: request.purpose.rawValue, source: request.source, key: request.key.description,
                askedAt: request.askedAt.seconds, secondsLeft: left,
                securityKey: try await page.takesSecurityKeys(request)))
    }

    func passkeyNumber(_ call: Call) async throws -> Answer {
        let message = try call.message(PasskeyPageNumber.self)
        let page = authority.passkeyPage
        guard let number = message.number else {
            try await page.deny(message.token, source: call.source, requestID: call.requestID)
            return .json(PasskeyPageWish(purpose: "denied"))
        }
        let (request, ids) = try await page.open(
            message.token, number: number, source: call.source, requestID: call.requestID)
        let shown = ids.map(Base64URL.text)
        let user = request.registration.map { registration in
            PasskeyPageUser(
                handle: Base64URL.text(registration.handle), name: registration.person.name.text,
                algorithms: PasskeyAlgorithm.allCases.map(\.cose),
                exclude: shown, residentKey: registration.residentKey.rawValue)
        }
        return .json(
            PasskeyPageWish(
                purpose: request.purpose.rawValue, challenge: Base64URL.text(request.challenge),
                relyingParty: page.settings?.relyingParty, userVerification: request.verification.rawValue,
                timeout: PasskeyRequest.longest * 1_000,
                allow: request.registration == nil && !shown.isEmpty ? shown : nil, user: user))
    }

    func passkeyAnswer(_ call: Call) async throws -> Answer {
        let answer = try call.message(PasskeyPageAnswer.self)
        let page = authority.passkeyPage
        let clientData = try Field.bytes("clientData", answer.clientData)
        guard let object = answer.attestationObject else {
            guard answer.transports == nil else {
                throw AuthorityError.refused(.badRequest, "transports: belongs to attestationObject")
            }
            let assertion = PasskeyAssertion(
                id: try Field.bytes("id", answer.id), clientData: clientData,
                authenticatorData: try Field.bytes("authenticatorData", answer.authenticatorData),
                signature: try Field.bytes("signature", answer.signature),
                handle: try Field.bytes("userHandle", answer.userHandle))
            try await page.answer(
                answer.token, assertion, source: call.source, requestID: call.requestID)
            return .json(NothingMore())
        }
        let assertion = [answer.id, answer.authenticatorData, answer.signature, answer.userHandle]
        guard assertion.allSatisfy({ $0 == nil }) else {
            throw AuthorityError.refused(.badRequest, "attestationObject: stands without a signature")
        }
        let attestation = PasskeyAttestation(
            clientData: clientData, object: try Field.bytes("attestationObject", object),
            transports: try Field.transports(answer.transports ?? []))
        try await page.answer(answer.token, attestation, source: call.source, requestID: call.requestID)
        return .json(NothingMore())
    }
}

extension Field {
    /// Base64URL that is there.
    fileprivate static func bytes(_ field: String, _ text: String?) throws -> [UInt8] {
        guard let bytes = text.flatMap({ JSONValue.string($0).base64URL }) else {
            throw AuthorityError.refused(.badRequest, "\(field): bytes in Base64URL")
        }
        return bytes
    }

    /// Of the browser's words, those that can be words; it may make new ones.
    fileprivate static func transports(_ words: [String]) throws -> [String] {
        guard words.count <= 16 else { throw AuthorityError.refused(.badRequest, "transports: 16 at most") }
        return words.filter { word in
            (1...16).contains(word.utf8.count)
                && word.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "-") }
        }
    }
}

extension PasskeyInfo {
    fileprivate init(_ passkey: Passkey) {
        self.init(
            name: passkey.name.text, algorithm: passkey.key.algorithm.rawValue,
            signCount: UInt64(passkey.signCount), transports: passkey.transports,
            backupEligible: passkey.isBackupEligible, backedUp: passkey.isBackedUp,
            discoverable: passkey.isDiscoverable, createdAt: passkey.createdAt.seconds,
            lastUsedAt: passkey.lastUsedAt?.seconds)
    }
}
