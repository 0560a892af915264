import Authority
import AuthorityAPI
import Names

extension Routes {
    func enrol(_ call: Call) async throws -> Answer {
        let request = try call.message(EnrolRequest.self)
        let begun = try await authority.enrolment.begin(
            token: request.token, key: try call.key, source: call.source, requestID: call.requestID)
        return .json(EnrolReply(begun, issuer: authority.origin))
    }

    func enrolPerson(_ call: Call) async throws -> Answer {
        let request = try call.message(EnrolPersonRequest.self)
        let (_, policy) = try await authority.policies.current()
        let sessions = authority.sessions
        let once = call.once { (new: NewSession) in SessionReply(new, policy, sessions) }
        let enrolment = PersonEnrolment(
            token: request.token, state: request.enrolment, deviceName: request.deviceName,
            password: Secret(Array(request.password.utf8)), code: request.totp)
        let outcome = try await authority.personEnrolment.finish(
            enrolment, key: try call.key, source: call.source, requestID: call.requestID, once: once)
        return Answer(outcome, once)
    }

    func enrolHost(_ call: Call) async throws -> Answer {
        let request = try call.message(EnrolHostRequest.self)
        var hostKeys: [ProvenHostKey] = []
        for (index, key) in request.hostKeys.enumerated() {
            hostKeys.append(
                ProvenHostKey(
                    publicKey: try Field.publicKey("hostKeys[\(index)].publicKey", key.publicKey),
                    signature: try Field.signature("hostKeys[\(index)].signature", base64: key.signature)))
        }
        let info = try info()
        let once = call.once { (host: Identity) in EnrolHostReply(host: host.id.name.text, authority: info) }
        let outcome = try await authority.hostEnrolment.finish(
            token: request.token, state: request.enrolment, hostKeys: hostKeys,
            context: EnrolHostRequest.context, agentKey: try call.key, source: call.source,
            requestID: call.requestID, once: once)
        return Answer(outcome, once)
    }
}

extension EnrolReply {
    fileprivate init(_ begun: EnrolmentBegun, issuer: String) {
        let identity = begun.identity.description
        switch begun.needs {
        case .newFactors(let secret):
            let (base32, address) = EnrolmentNeeds.otpauth(secret, account: begun.identity, issuer: issuer)
            self.init(
                identity: identity, needs: .newFactors, totpSecret: base32, otpauth: address, challenge: nil,
                enrolment: begun.state)
        case .presentFactors:
            self.init(
                identity: identity, needs: .presentFactors, totpSecret: nil, otpauth: nil, challenge: nil,
                enrolment: begun.state)
        case .hostKeys(let challenge):
            self.init(
                identity: identity, needs: .hostKeys, totpSecret: nil, otpauth: nil,
                challenge: Hexadecimal.text(challenge), enrolment: begun.state)
        }
    }
}
