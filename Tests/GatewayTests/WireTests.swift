import NIOSSL
import Testing

@testable import Gateway

@Suite struct `The server on a real socket` {
    private static let headEnd = "\r\n\r\n"

    @Test func `answers by TLS and keeps the connection`() async throws {
        let get = "GET /livez HTTP/1.1\r\nHost: ca.example.com\r\n\r\n"
        let text = try await TestServer.serving { server in
            try await server.exchange(get + get) {
                $0.components("HTTP/1.1 200 OK") == 2 && $0.hasSuffix("ok\n")
            }
        }
        #expect(text.components("HTTP/1.1 200 OK") == 2)
    }

    @Test(.timeLimit(.minutes(5)))
    func `closes on a body that does not come in time, though nobody else calls`() async throws {
        let head = "POST /v1/sign-in HTTP/1.1\r\nHost: ca.example.com\r\nContent-Type: application/json\r\n"
        for rest in ["Content-Length: 60000\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"] {
            let answers = try await TestServer.serving {
                $0.bodyTimeout = 1
                $0.idleTimeout = 3_600
            } _: { server in
                try await withThrowingTaskGroup(of: String.self) { group in
                    for _ in 0..<3 { group.addTask { (try? await server.exchange(head + rest)) ?? "" } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            #expect(answers.count == 3 && !answers.contains { $0.hasPrefix("HTTP/1.1 2") })
        }
    }

    @Test(arguments: [
        "Content-Length: 9223372036854775808", "Content-Length: -1",
        "Content-Length: 99999999999999999999999",
        "Content-Length: 0x10", "Content-Length: 1, 2", "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 1\r\nContent-Length: 2", "Transfer-Encoding: chunked, identity",
        "Content-Length: +5",
        "Transfer-Encoding : chunked", "Range: bytes=9223372036854775808-", "X: a\r\n folded", "Bad Name: x",
    ])
    func `P04 lives on after a length that is none`(_ field: String) async throws {
        let request = "POST /v1/sign-in HTTP/1.1\r\nHost: ca.example.com\r\n\(field)\r\n\r\n"
        let after = "GET /livez HTTP/1.1\r\nHost: ca.example.com\r\n\r\n"
        let (answer, live) = try await TestServer.serving { server in
            (
                try await server.exchange(request) { $0.contains(Self.headEnd) },
                try await server.exchange(after) { $0.hasSuffix("ok\n") }
            )
        }
        #expect(answer.hasPrefix("HTTP/1.1 4"))
        #expect(live.hasPrefix("HTTP/1.1 200 OK"))
    }

    @Test(arguments: [
        "GET /livez HTTP/1.1\r\nHost: ca.example.com\r\nX: \(String(repeating: "a", count: 40_000))\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: ca.example.com\r\n\(String(repeating: "X: a\r\n", count: 257))\r\n",
        "GET /\(String(repeating: "a", count: 100_000)) HTTP/1.1\r\nHost: ca.example.com\r\n\r\n",
        "GET http://evil.example.com/livez HTTP/1.1\r\nHost: evil.example.com\r\n\r\n",
        "GET /livez HTTP/1.1\r\n\r\n", "GET /livez HTTP/1.1\r\nHost: a\r\nHost: ca.example.com\r\n\r\n",
        "nonsense\r\n\r\n", "\u{16}\u{3}\u{1}\r\n\r\n", "GET /livez HTTP/9.9\r\nHost: ca.example.com\r\n\r\n",
    ])
    func `refuses what is no request or too large a one`(_ request: String) async throws {
        let answer = try await TestServer.serving { server in
            try await server.exchange(request) { $0.contains(Self.headEnd) }
        }
        #expect(answer.hasPrefix("HTTP/1.1 4"))
    }

    @Test(arguments: [
        "http://evil.example.com/livez", "https://evil.example.com/livez",
        "https://ca.example.com:8443/livez",
        "https://evil.example.com?/livez", "https://ca.example.com@evil.example.com/livez", "https:///livez",
    ])
    func `P03 refuses a request line that names another server than Host, and closes`(
        _ target: String
    ) async throws {
        let request = "GET \(target) HTTP/1.1\r\nHost: ca.example.com\r\n\r\n"
        let smuggled = "GET /livez HTTP/1.1\r\nHost: ca.example.com\r\n\r\n"
        let answer = try await TestServer.serving { server in try await server.exchange(request + smuggled) }
        #expect(answer.hasPrefix("HTTP/1.1 400"))
        #expect(answer.components("HTTP/1.1") == 1)
    }

    @Test(arguments: [
        "https://ca.example.com/livez", "http://CA.example.com/livez", "https://ca.example.com/livez?",
    ])
    func `P03 takes a request line that names the same server`(_ target: String) async throws {
        let request = "GET \(target) HTTP/1.1\r\nHost: ca.example.com\r\nConnection: close\r\n\r\n"
        let answer = try await TestServer.serving { server in try await server.exchange(request) }
        #expect(answer.hasPrefix("HTTP/1.1 200"))
    }

    @Test func `P08 speaks TLS 1.2 and 1.3 only`() async throws {
        let get = "GET /livez HTTP/1.1\r\nHost: ca.example.com\r\nConnection: close\r\n\r\n"
        let modern = try await TestServer.serving { server in try await server.exchange(get, version: .tlsv12)
        }
        #expect(modern.hasPrefix("HTTP/1.1 200"))
        await #expect(throws: (any Error).self) {
            try await TestServer.serving { server in try await server.exchange(get, version: .tlsv11) }
        }
    }

    @Test func `closes connections beyond the cap of one source`() async throws {
        let closed = { (door: inout GatewayConfiguration) in door.mostConnectionsPerSource = 0 }
        let answer = try await TestServer.serving(adjust: closed) { server in
            try? await server.exchange("GET /livez HTTP/1.1\r\nHost: ca.example.com\r\n\r\n")
        }
        #expect((answer ?? "").isEmpty)
    }

    @Test func `closes a connection whose body it will not read`() async throws {
        let request = "POST /v1/sign-in HTTP/1.1\r\nHost: ca.example.com\r\nContent-Length: 1000000\r\n\r\n{"
        let answer = try await TestServer.serving { server in try await server.exchange(request) }
        #expect(answer.hasPrefix("HTTP/1.1 413"))
        #expect(answer.contains("body-too-large"))
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
