import Authority
import AuthorityAPI
import Names
import SSHFormats
import TestKit

@testable import Gateway

extension Example {
    static let passkeys: [Route: Making] = [
        .passkeyPage: { _ in Example(.passkeyPage, by: .nobody) },
        .passkeyLook: { door in
            let begun = try await door.beginPasskey()
            return Example(.passkeyLook, #"{"token":"\#(begun.token)"}"#, by: .nobody)
        },
        .passkeyNumber: { door in
            let begun = try await door.beginPasskey()
            return Example(
                .passkeyNumber, #"{"token":"\#(begun.token)","number":"\#(begun.number)"}"#, by: .nobody)
        },
        .passkeyAnswer: { door in try await door.passkeyAnswer(try await door.beginPasskey()) },
        .passkeys: { door in
            try await door.addPasskey()
            return Example(.passkeys, by: .session(door.key))
        },
        .passkeyAdd: { Example(.passkeyAdd, #"{"name":"blue","securityKey":true}"#, by: .session($0.key)) },
        .passkeyFinish: { door in
            let begun = try await door.beginPasskey()
            _ = try await door.send(try await door.passkeyAnswer(begun).signed())
            return Example(.passkeyFinish, #"{"id":"\#(begun.id)"}"#, by: .session(door.key))
        },
        .passkeyRemove: { door in
            try await door.addPasskey()
            return Example(.passkeyRemove, #"{"name":"blue"}"#, by: .session(door.key))
        },
    ]
}

extension TestDoor {
    struct BegunPasskey: Sendable {
        let id: String
        let token: String
        let number: String
    }

    /// A registration of alice's that waits for its page.
    func beginPasskey() async throws -> BegunPasskey {
        let alice = try await requester(TestDoor.token, key)
        let begun = try await door.authority.passkeys.begin(nil, by: alice)
        let token = begun.address.split(separator: "#").last.map(String.init) ?? ""
        return BegunPasskey(id: begun.id, token: token, number: begun.number)
    }

    /// What the page sends for it once its number was typed.
    func passkeyAnswer(_ begun: BegunPasskey) async throws -> Example {
        let (request, _) = try await door.authority.passkeyPage.open(
            begun.token, number: begun.number, source: "192.0.2.1", requestID: "r")
        let body = """
            {"token":"\(begun.token)","clientData":"\(Base64URL.text(request.challenge))",\
            "attestationObject":"\(Base64URL.text(Array(begun.id.utf8)))","transports":["usb"]}
            """
        return Example(.passkeyAnswer, body, by: .nobody)
    }

    func addPasskey(of person: String = "alice") async throws {
        let passkey = Passkey(
            id: [1, 2, 3], person: IdentityID(.person, try Name(person)), handle: [4, 5, 6],
            key: PasskeyKey(.es256, [UInt8](repeating: 7, count: 64)), signCount: 9, transports: ["usb"],
            name: try Name("blue"), createdAt: TestDoor.now, lastUsedAt: TestDoor.now)
        _ = try await store.record(Entry([.passkeyAdded(passkey)], event: nil))
    }
}
