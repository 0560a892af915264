import AuthorityClient
import Foundation
import Testing

@Suite struct `The page that a browser comes back to` {
    private static let place = "http://127.0.0.1/callback/corp"

    private func ask(_ listener: LoopbackListener, _ target: String, _ more: String...) async throws -> String
    {
        let place = listener.redirect.dropLast("/callback/corp".utf8.count)
        return try await Program.run(
            "/usr/bin/curl", ["-s", "-m", "900", "-i", "\(place)\(target)"] + more
        ).output
    }

    @Test func `takes the answer to this very sign-in and nothing else (J07)`() async throws {
        let listener = try await LoopbackListener(ports: [], at: Self.place)
        async let answer = listener.answer(state: "s+1")
        for (target, more) in [
            ("/callback/corp?code=x&state=other", []), ("/callback/corp?code=x", []), ("/callback/corp", []),
            ("/", []),
            ("/callback/corp/?code=x&state=s%2B1", []), ("/callback/corp?state=s%2B1", []),
            ("/callback/corp?code=x&code=y&state=s%2B1", []), ("/callback/corp?code=%zz&state=s%2B1", []),
            ("/callback/corp?code=x&state=s%2B1", ["-H", "Host: evil.example"]),
            ("/callback/corp?code=x&state=s%2B1", ["-X", "POST"]),
        ] as [(String, [String])] {
            let page =
                more.isEmpty
                ? try await ask(listener, target) : try await ask(listener, target, more[0], more[1])
            #expect(page.hasPrefix("HTTP/1.1 404"), "\(target): \(page)")
        }
        let page = try await ask(
            listener,
            "/callback/corp?code=a%2Fb+c&state=s%2B1&iss=https%3A%2F%2Fid.example.com&x=%3Cscript%3E")
        #expect(page.hasPrefix("HTTP/1.1 200") && page.contains("Signed in"))
        #expect(page.contains("Content-Security-Policy: default-src 'none'"))
        #expect(!page.contains("script"))
        #expect(try await answer == ["code": "a/b c", "state": "s+1", "iss": "https://id.example.com"])
    }

    @Test func `waits for nobody who says nothing, as browsers do that connect in advance`() async throws {
        let listener = try await LoopbackListener(ports: [], at: Self.place)
        let port = try #require(UInt16(listener.redirect.split(separator: ":")[2].prefix { $0 != "/" }))
        let silent = try (0..<3).map { _ in try SilentConnection(port: port) }
        async let answer = listener.answer(state: "s")
        let page = try await ask(listener, "/callback/corp?code=c&state=s")
        #expect(page.contains("Signed in"))
        #expect(try await answer == ["code": "c", "state": "s"])
        withExtendedLifetime(silent) {}
    }

    @Test(.timeLimit(.minutes(20)))
    func `takes the answer also of a browser that leaves before it has the page`() async throws {
        for leaving in [Leaving.closing, .resetting] + Array(repeating: .closing, count: 20) {
            let listener = try await LoopbackListener(ports: [], at: Self.place)
            let port = try #require(UInt16(listener.redirect.split(separator: ":")[2].prefix { $0 != "/" }))
            async let answer = listener.answer(state: "s")
            try SilentConnection(port: port).leave(
                after: "GET /callback/corp?code=c&state=s HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n",
                leaving)
            #expect(try await answer == ["code": "c", "state": "s"])
        }
    }

    @Test func `tells of an error, and not in what words (J12)`() async throws {
        let listener = try await LoopbackListener(ports: [], at: Self.place)
        async let answer = listener.answer(state: "s")
        let page = try await ask(
            listener,
            "/callback/corp?error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E&state=s")
        #expect(!page.contains("<script"))
        #expect(try await answer == ["error": "access_denied", "state": "s"])
    }

    @Test func `stands on a port that the provider knows`() async throws {
        let first = try await LoopbackListener(ports: [], at: Self.place)
        let port = try #require(UInt16(first.redirect.split(separator: ":")[2].prefix { $0 != "/" }))
        await #expect(throws: ClientError.self) {
            _ = try await LoopbackListener(ports: [port], at: Self.place)
        }
    }

    @Test(arguments: [
        "", "http://127.0.0.1", "http://127.0.0.1.evil/callback", "https://127.0.0.1/callback",
        "http://127.0.0.1:1/x",
        "http://127.0.0.1/a b", "http://127.0.0.1/a\r\nHost: x", "http://127.0.0.1/a?b",
        "http://127.0.0.1@evil/callback",
    ])
    func `stands on this machine alone, wherever the authority sends it (J06)`(_ place: String) async throws {
        await #expect(throws: ClientError.self) { _ = try await LoopbackListener(ports: [], at: place) }
    }
}

enum Leaving { case closing, resetting }

/// Connected to a port of this machine, without a word.
private final class SilentConnection {
    private let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Failure("cannot connect to \(port)") }
    }

    /// Says this, and goes away without waiting for what is said to it.
    consuming func leave(after text: String, _ way: Leaving) throws {
        let sent = unsafe send(descriptor, text, text.utf8.count, 0)
        guard sent == text.utf8.count else { throw Failure("cannot send") }
        var linger = linger(l_onoff: 1, l_linger: 0)
        guard way == .resetting else { return }
        _ = unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    }

    deinit { close(descriptor) }
}
