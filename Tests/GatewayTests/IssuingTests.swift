import Authority
import AuthorityAPI
import SSHFormats
import TestKit
import Testing

@testable import Gateway

@Suite struct `A certificate by HTTP` {
    private let line: String

    init() throws { line = try PrivateKey.generate(.ed25519).publicKey.text() }

    private func body(_ more: String = "") -> String {
        #"{"publicKey":"\#(line)","to":"web1","as":"deploy"\#(more)}"#
    }

    @Test func `carries its serial and its place in the ledger`() async throws {
        let door = try await TestDoor()
        let reply = try await door.send(try TestRequest(.certificates, body()).signed(by: door))
        #expect(reply.status == 200)
        let message = try reply.message(CertificateReply.self)
        #expect(message.principals == ["deploy@web1"])
        #expect(message.grant == "web")
        #expect(reply.field("Keyreeve-Serial") == String(message.serial))
        #expect(reply.field("Keyreeve-Ledger-Index") == "0")
        #expect(reply.field("Keyreeve-Tree-Size") == "1")
        let issued = await door.store.issued.map { $0.certificate.text() }
        #expect(issued == [message.certificate])
    }

    @Test func `C11 asked for 100 times at once with one key is one certificate`() async throws {
        let door = try await TestDoor()
        let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
            for _ in 0..<100 {
                var request = try TestRequest(.certificates, body()).signed(by: door)
                request.fields.append(("Idempotency-Key", "once"))
                group.addTask { [request] in try await door.send(request) }
            }
            return try await group.reduce(into: [Reply]()) { $0.append($1) }
        }
        #expect(replies.count == 100)
        #expect(Set(replies.map(\.status)) == [200])
        #expect(Set(replies.map(\.body)).count == 1)
        #expect(Set(replies.map { $0.field("Keyreeve-Serial") }).count == 1)
        #expect(Set(replies.map { $0.field("Keyreeve-Ledger-Index") }) == ["0"])
        #expect(await door.store.issued.count == 1)
    }

    @Test func `with a key that was used for another body is refused`() async throws {
        let door = try await TestDoor()
        var first = try TestRequest(.certificates, body()).signed(by: door)
        var second = try TestRequest(.certificates, body(#","for":60"#)).signed(by: door)
        first.fields.append(("Idempotency-Key", "once"))
        second.fields.append(("Idempotency-Key", "once"))
        #expect(try await door.send(first).status == 200)
        let reply = try await door.send(second)
        #expect(reply.status == 422)
        #expect(reply.code == "idempotency-mismatch")
    }

    @Test(arguments: ["", " ", "a b", "é", String(repeating: "k", count: 129)])
    func `needs an Idempotency-Key that is one`(_ key: String) async throws {
        let door = try await TestDoor()
        var request = try TestRequest(.certificates, body()).signed(by: door)
        request.fields.append(("Idempotency-Key", key))
        #expect(try await door.send(request).code == "bad-request")
    }

    @Test(arguments: [
        #","admin":true}"#, #","for":1e400}"#, #","for":NaN}"#, #","for":60,"for":60}"#,
        #","grant":"\ud800"}"#,
        #","for":1.5}"#, #","for":-1}"#, #","for":18446744073709551616}"#, #"}{"#, #",}"#,
        #","grant":{"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}}"#,
    ])
    func `P05 is not issued for a body that could be read in two ways`(_ tail: String) async throws {
        let door = try await TestDoor()
        let text = String(body().dropLast()) + tail
        let reply = try await door.send(try TestRequest(.certificates, text).signed(by: door))
        #expect(reply.status == 400)
        #expect(reply.code == "bad-request")
        #expect(await door.store.issued.isEmpty)
    }

    @Test func `P05 is not issued for a byte order mark or for bytes that are not UTF-8`() async throws {
        let door = try await TestDoor()
        for bytes in [
            [0xef, 0xbb, 0xbf] + Array(body().utf8), Array(body().utf8.dropLast()) + [0xff, 0x7d],
        ] {
            var request = TestRequest(.certificates, "{}")
            request.body = bytes
            #expect(try await door.send(try request.signed(by: door)).code == "bad-request")
        }
    }

    @Test(arguments: [0, 28_801, UInt64.max, 1 << 63])
    func `of another length than the grant gives is refused, never shortened`(_ seconds: UInt64) async throws
    {
        let door = try await TestDoor()
        let request = try TestRequest(.certificates, body(#","for":\#(seconds)"#)).signed(by: door)
        #expect(try await door.send(request).code == "bad-lifetime")
    }

    @Test(arguments: [
        "Deploy", "deploy,root", "deploy\\r\\nroot", "deploy\\u0000", "$(x)", "%u", "deploy ", "", "\u{212A}",
    ])
    func `for a login that is none is refused at the door`(_ login: String) async throws {
        let door = try await TestDoor()
        let text = #"{"publicKey":"\#(line)","to":"web1","as":"\#(login)"}"#
        let reply = try await door.send(try TestRequest(.certificates, text).signed(by: door))
        #expect(reply.status == 400)
        #expect(reply.code == "bad-name")
    }

    @Test func `refused names what was missing, and is recorded`() async throws {
        let door = try await TestDoor()
        let text = #"{"publicKey":"\#(line)","to":"web1","as":"root"}"#
        let reply = try await door.send(try TestRequest(.certificates, text).signed(by: door))
        #expect(reply.status == 403)
        #expect(reply.code == "principal-not-granted")
        let id = try reply.message(Problem.self).requestID
        #expect(reply.field("Keyreeve-Request-Id") == id)
        #expect(await door.store.events.map(\.requestID) == [id])
    }

    @Test func `L07 leaves no secret in the log, whatever fails`() async throws {
        let door = try await TestDoor()
        var requests = [
            try TestRequest(.certificates, body(#","canary-field-1":"canary-value-1""#)).signed(by: door),
            try TestRequest(.identities, query: "?canary-query=1").signed(by: door),
            try TestRequest(.explain, #"{"to":"x","as":"canary value"}"#).signed(by: door),
        ]
        var unknown = TestRequest(.livez)
        unknown.path = "/canary-path?canary"
        unknown.fields = [("Cookie", "canary-cookie"), ("Authorization", "Basic canary"), ("DPoP", "canary")]
        requests.append(unknown)
        for request in requests { #expect(try await door.send(request).status >= 400) }
        await door.store.fail { _ in .failed(reason: "disk on fire at /var/lib/secret-path") }
        let broken = try await door.send(try TestRequest(.certificates, body()).signed(by: door))
        #expect(broken.status == 503)
        #expect(!broken.text.contains("secret-path"))
        #expect(door.lines.text.contains("secret-path"))
        #expect(!door.lines.text.contains("canary"))
        #expect(!door.lines.text.contains(try #require(requests.first?.proof)))
    }
}
