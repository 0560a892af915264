import AuthorityAPI
import Testing

@Suite struct `A message` {
    private func decode<T: Decodable>(_ type: T.Type, _ text: String) throws(APICodingError) -> T {
        try APICoding.decode(type, from: Array(text.utf8))
    }

    @Test func `round-trips, with its keys in order`() throws {
        let request = CertificateRequest(
            publicKey: "ssh-ed25519 AAAA/+", to: "web1", as: "root", scope: nil, for: .max, grant: "é\n\"")
        let bytes = APICoding.encode(request)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"as":"root","for":18446744073709551615,"grant":"é\n\"","publicKey":"ssh-ed25519 AAAA/+","to":"web1"}"#
        )
        #expect(try APICoding.decode(CertificateRequest.self, from: bytes) == request)
    }

    @Test func `has the same bytes where it writes itself`() throws {
        let reply = CertificateReply(
            certificate: "ssh-ed25519-cert-v01@openssh.com AAAA/+==", serial: .max, grant: "a\"b\\",
            principals: ["root@web1", "root@env=staging"], validBefore: 0)
        func fieldByField(_ message: some Encodable) -> [UInt8] { APICoding.encode(message) }
        #expect(APICoding.encode(reply) == fieldByField(reply))
        #expect(try APICoding.decode(CertificateReply.self, from: APICoding.encode(reply)) == reply)
    }

    @Test func `round-trips with lists, maps, enums and messages inside`() throws {
        let who = WhoAmI(
            identity: "alice", device: nil, sessionID: "00", factors: ["totp": 1, "password": 2],
            roles: ["admin"],
            signedInAt: 3, notAfter: 4)
        let reply = SignInReply(
            conversation: "c", steps: [SignInStep(kind: .secret, name: "password", prompt: "Password:")],
            session: SessionReply(token: "t", whoami: who))
        #expect(try APICoding.decode(SignInReply.self, from: APICoding.encode(reply)) == reply)
    }

    @Test func `P05 with an unknown field is refused, at any depth`() {
        #expect(throws: APICodingError.unknownField("admin")) {
            try decode(SignInRequest.self, #"{"name":"alice","admin":true}"#)
        }
        #expect(throws: APICodingError.unknownField("hostKeys[1].comment")) {
            try decode(
                EnrolHostRequest.self,
                #"{"token":"t","enrolment":"e","hostKeys":[{"publicKey":"a","signature":"b"},"#
                    + #"{"publicKey":"a","signature":"b","comment":null}]}"#)
        }
        #expect(throws: APICodingError.unknownField("Name")) {
            try decode(SignInRequest.self, #"{"name":"alice","Name":"bob"}"#)
        }
    }

    @Test func `from a newer server may say more, if the reader allows it`() throws {
        let text = Array(#"{"name":"alice","colour":{"r":1}}"#.utf8)
        let read = try APICoding.decode(SignInRequest.self, from: text, unknownFields: .ignored)
        #expect(read == SignInRequest(name: "alice"))
    }

    @Test func `may be a map with any keys`() throws {
        let answer = try decode(
            SignInAnswer.self, #"{"conversation":"c","answers":{"password":"p","x":"y"}}"#)
        #expect(answer.answers == ["password": "p", "x": "y"])
    }

    @Test func `takes null for nothing: a field is there or it is not`() throws {
        #expect(throws: APICodingError.badField("reason")) {
            try decode(IdentityStatusRequest.self, #"{"identity":"a","status":"active","reason":null}"#)
        }
        #expect(throws: APICodingError.badField("name")) { try decode(SignInRequest.self, #"{"name":null}"#) }
    }

    @Test(arguments: ["-1", "1.0", "1e3", "\"1\"", "true", "18446744073709551616", "[1]", "{}"])
    func `takes only whole numbers in range for a number`(_ number: String) {
        #expect(throws: APICodingError.badField("serial")) {
            try decode(RevocationRequest.self, #"{"reason":"r","serial":\#(number)}"#)
        }
    }

    @Test func `says which field is missing or of another type`() {
        #expect(throws: APICodingError.missingField("name")) { try decode(SignInRequest.self, "{}") }
        #expect(throws: APICodingError.badField("")) { try decode(SignInRequest.self, "[]") }
        #expect(throws: APICodingError.badField("steps[0].kind")) {
            try decode(SignInReply.self, #"{"steps":[{"kind":"dance","name":"n","prompt":"p"}]}"#)
        }
        #expect(throws: APICodingError.badField("publicKeys[1]")) {
            try decode(HostCertificatesRequest.self, #"{"publicKeys":["a",7]}"#)
        }
        #expect(throws: APICodingError.json(StrictJSONError(.duplicateKey, offset: 12))) {
            try decode(SignInRequest.self, #"{"name":"a","name":"b"}"#)
        }
    }
}
