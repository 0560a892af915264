import Testing

@testable import Gateway

@Suite struct `A request that could end in two places` {
    private static let post = "POST /v1/sign-in HTTP/1.1\r\nHost: ca.example.com\r\n"
    private static let hidden = "GET /livez HTTP/1.1\r\nHost: ca.example.com\r\n\r\n"

    static let heads: [String] = [
        "\(post)Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "\(post)Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "\(post)Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "\(post)Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "\(post)Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "\(post)Transfer-Encoding\r\n: chunked\r\n\r\n0\r\n\r\n",
        "\(post)X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "\(post)X: a\r\n folded\r\n\r\n",
        "\(post)Content-Length: 1\r\nContent-Length: 2\r\n\r\n{", "\(post)Content-Length: 5, 5\r\n\r\n{",
        "\(post)Content-Length: +5\r\n\r\n{", "\(post)Content-Length : 5\r\n\r\n{",
        "\(post)Content-Length: 0x5\r\n\r\n{",
        "GET /livez HTTP/1.1\nHost: ca.example.com\n\n",
        "GET /livez HTTP/1.1\r\nHost: ca.example.com\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: ca.example.com\r\nX: y\nContent-Length: 40\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: ca.example.com\r\nX: a\rb\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: ca.example.com\r\nX: a\u{0}b\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: ca.example.com\r\nX\u{b}: a\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: ca.example.com\r\nno colon\r\n\r\n",
        "GET /livez\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: ca.example.com\r\n\(String(repeating: "X: a\r\n", count: 256))\r\n",
        "GET /livez HTTP/1.1\r\nHost: ca.example.com\r\nX: \(String(repeating: "a", count: 82_944))\r\n\r\n",
        "GET http://evil.example.com/livez HTTP/1.1\r\nHost: ca.example.com\r\n\r\n",
    ]

    @Test(arguments: heads) func `P03 is answered by 400 and the end of the connection`(
        _ head: String
    ) async throws {
        let answer = try await TestServer.serving { server in try await server.exchange(head + Self.hidden) }
        #expect(answer.hasPrefix("HTTP/1.1 400") || answer.hasPrefix("HTTP/1.1 431"), "\(answer.prefix(80))")
        #expect(answer.ranges(of: "HTTP/1.1").count == 1)
        #expect(!answer.contains("ok\n"))
    }

    @Test(arguments: [
        "-1\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n", "5\r\nhello0\r\n\r\n", "fffffffffffffffff\r\n",
        "5;\nx\r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloXX0\r\n\r\n",
    ])
    func `P03 is not read on after a chunk that is none`(_ chunks: String) async throws {
        let request =
            "\(Self.post)Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)\(Self.hidden)"
        let answer = try await TestServer.serving { server in try await server.exchange(request) }
        #expect(!answer.contains("ok\n"), "\(answer)")
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"))
    }
}
