import AuthorityClient
import Foundation
import Testing

@Suite struct `The page that a browser comes back to` {
    private func ask(_ listener: LoopbackListener, _ target: String, _ more: String...) async throws -> String
    {
        let place = listener.redirect.dropLast("/callback".utf8.count)
        return try await Program.run(
            "/usr/bin/curl", ["-s", "-m", "10", "-i", "\(place)\(target)"] + more
        ).output
    }

    @Test func `takes the answer to this very sign-in and nothing else (J07)`() async throws {
        let listener = try await LoopbackListener(ports: [])
        async let answer = listener.answer(state: "s+1")
        for (target, more) in [
            ("/callback?code=x&state=other", []), ("/callback?code=x", []), ("/callback", []), ("/", []),
            ("/callback/?code=x&state=s%2B1", []), ("/callback?state=s%2B1", []),
            ("/callback?code=x&code=y&state=s%2B1", []), ("/callback?code=%zz&state=s%2B1", []),
            ("/callback?code=x&state=s%2B1", ["-H", "Host: evil.example"]),
            ("/callback?code=x&state=s%2B1", ["-X", "POST"]),
        ] as [(String, [String])] {
            let page =
                more.isEmpty
                ? try await ask(listener, target) : try await ask(listener, target, more[0], more[1])
            #expect(page.hasPrefix("HTTP/1.1 404"), "\(target): \(page)")
        }
        let page = try await ask(
            listener, "/callback?code=a%2Fb+c&state=s%2B1&iss=https%3A%2F%2Fid.example.com&x=%3Cscript%3E")
        #expect(page.hasPrefix("HTTP/1.1 200") && page.contains("Signed in"))
        #expect(page.contains("Content-Security-Policy: default-src 'none'"))
        #expect(!page.contains("script"))
        #expect(try await answer == ["code": "a/b c", "state": "s+1", "iss": "https://id.example.com"])
    }

    @Test func `tells of an error, and not in what words (J12)`() async throws {
        let listener = try await LoopbackListener(ports: [])
        async let answer = listener.answer(state: "s")
        let page = try await ask(
            listener,
            "/callback?error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E&state=s")
        #expect(!page.contains("<script"))
        #expect(try await answer == ["error": "access_denied", "state": "s"])
    }

    @Test func `stands on a port that the provider knows`() async throws {
        let first = try await LoopbackListener(ports: [])
        let port = try #require(UInt16(first.redirect.split(separator: ":")[2].prefix { $0 != "/" }))
        await #expect(throws: ClientError.self) { _ = try await LoopbackListener(ports: [port]) }
    }
}
