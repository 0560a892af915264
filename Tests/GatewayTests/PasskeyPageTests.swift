import Authority
import AuthorityAPI
import Crypto
import Foundation
import TestKit
import Testing

@testable import Gateway

@Suite struct `The page of passkeys` {
    @Test func `runs its own script alone, and loads nothing`() async throws {
        let reply = try await TestDoor().send(TestRequest(.passkeyPage))
        #expect(reply.field("Content-Type") == "text/html; charset=utf-8")
        let policy = try #require(reply.field("Content-Security-Policy"))
        let script = try #require(
            reply.text.components(separatedBy: "<script>").dropFirst().first?
                .components(separatedBy: "</script>").first)
        let hash = Data(SHA256.hash(data: Data(script.utf8))).base64EncodedString()
        #expect(policy.contains("script-src 'sha256-\(hash)'") && policy.hasPrefix("default-src 'none'"))
        #expect(policy.contains("frame-ancestors 'none'") && policy.contains("connect-src 'self'"))
        #expect(!policy.contains("unsafe"))
        for elsewhere in ["src=", "href=", "http:", "https:", "@import", "url("] {
            #expect(!reply.text.contains(elsewhere))
        }
        #expect(reply.field("Cache-Control") == "no-store" && reply.field("Referrer-Policy") == "no-referrer")
    }

    @Test func `tells a challenge to nobody without the number, and a name to nobody who signs in`()
        async throws
    {
        let door = try await TestDoor()
        let begun = try await door.beginPasskey()
        let look = try await door.send(TestRequest(.passkeyLook, #"{"token":"\#(begun.token)"}"#))
        for told in ["alice", "challenge", begun.number] { #expect(!look.text.contains(told)) }
        let open = #"{"token":"\#(begun.token)","number":"\#(begun.number)"}"#
        let wish = try await door.send(TestRequest(.passkeyNumber, open)).message(PasskeyPageWish.self)
        #expect(wish.purpose == "registration" && wish.user?.name == "alice")
        #expect(wish.user?.algorithms == [-7, -8, -257])
        let logged = door.lines.text
        #expect(!logged.contains(begun.token) && !logged.contains(wish.challenge ?? "?"))
    }

    @Test func `ends what nobody there began`() async throws {
        let door = try await TestDoor()
        let begun = try await door.beginPasskey()
        let denial = TestRequest(.passkeyNumber, #"{"token":"\#(begun.token)"}"#)
        #expect(try await door.send(denial).message(PasskeyPageWish.self).purpose == "denied")
        #expect(try await door.send(denial).code == "conversation-over")
        let finish = TestRequest(.passkeyFinish, #"{"id":"\#(begun.id)"}"#)
        #expect(try await door.send(try finish.signed(by: door)).code == "conversation-over")
    }

    @Test(arguments: [
        #""clientData":"e30""#, #""clientData":"e30","id":"AA","signature":"AA","userHandle":"AA""#,
        #""clientData":"e30=","attestationObject":"oA""#, #""clientData":"e31","attestationObject":"oB""#,
        #""clientData":"e30","attestationObject":"oA","transports":\#([String](repeating: "usb", count: 17))"#,
    ]) func `takes no answer that lacks a part (A07)`(_ fields: String) async throws {
        let door = try await TestDoor()
        let begun = try await door.beginPasskey()
        _ = try await door.passkeyAnswer(begun)
        let reply = try await door.send(
            TestRequest(.passkeyAnswer, #"{"token":"\#(begun.token)",\#(fields)}"#))
        #expect(reply.code == "bad-request", "\(reply.text)")
    }
}
