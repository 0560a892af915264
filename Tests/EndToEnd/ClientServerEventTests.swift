import AuthorityClient
import Testing

@Suite struct `A stream of server-sent events` {
    @Test(arguments: [1, 2, 3, 1_000])
    func `is the same in whatever pieces it comes`(_ size: Int) throws {
        let bytes = Array(
            ": hello\r\nevent: state\ndata: {\"version\":1}\n\ndata:a\rdata: b\r\rid: 7\n\n".utf8)
        var parser = ServerEventParser()
        var events: [ServerEvent] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            events += try parser.feed(bytes[start..<min(start + size, bytes.count)])
        }
        #expect(
            events == [
                ServerEvent(name: "state", data: #"{"version":1}"#),
                ServerEvent(name: "message", data: "a\nb"),
            ])
    }

    @Test(
        arguments: [
            ("", nil), ("retry: 1500\n", 1_500), ("retry:7\n\n", 7), ("retry: 1\nretry: 2\ndata: x\n\n", 2),
            ("retry: 5\nretry: -1\n", 5), ("retry: 1s\n", nil), ("retry\n", nil), ("retry: 1e3\n", nil),
            ("retry: 99999999999999999999999\n", nil), ("retry: 9", nil),
        ] as [(String, UInt64?)])
    func `says when to come back, in digits alone`(_ text: String, _ retry: UInt64?) throws {
        var parser = ServerEventParser()
        _ = try parser.feed(text.utf8)
        #expect(parser.retry == retry)
    }

    @Test func `ends at a line that is too long`() {
        var parser = ServerEventParser()
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: ServerEventParser.limit + 1)
        #expect(throws: ServerEventError.tooLong) { _ = try parser.feed(line) }
    }

    @Test func `ends at an event that is too long`() {
        var parser = ServerEventParser()
        let line = Array("data: \(String(repeating: "x", count: 40_000))\n".utf8)
        #expect(throws: ServerEventError.tooLong) { _ = try parser.feed(line + line) }
    }

    @Test func `ends at bytes that are not UTF-8`() {
        var parser = ServerEventParser()
        #expect(throws: ServerEventError.notUTF8) {
            _ = try parser.feed(Array("data: ".utf8) + [0xff, 0x0a])
        }
    }
}
