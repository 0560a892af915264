import Names
import PAMProtocol
import Posix
import Testing

@Suite struct `The protocol of PAM's workers` {
    private static let opening = PAMRequest.begin(
        PAMOpening(.mapped, user: "alice", shown: "al", source: "2001:db8::1"))
    private static let answers = PAMRequest.answers([Secret(Array("open sesame".utf8)), Secret([])])
    private static let messages = [
        PAMMessage(.secret, Array("Password: ".utf8)), PAMMessage(.info, []),
    ]
    private static let replies: [PAMReply] = [
        .ask(messages), .tell(messages), .ended(.proven), .ended(.refused("because")),
        .ended(.passwordExpired), .turnedAway("all workers are taken"),
    ]

    @Test func `says what was meant`() throws {
        guard case .begin(let opening) = try PAMRequest(Self.opening.frame) else {
            throw Failure("no opening")
        }
        #expect(opening == PAMOpening(.mapped, user: "alice", shown: "al", source: "2001:db8::1"))
        guard case .answers(let answers) = try PAMRequest(Self.answers.frame) else {
            throw Failure("no answers")
        }
        #expect(answers.map { $0.withExposed { $0 } } == [Array("open sesame".utf8), []])
        for reply in Self.replies { #expect(try PAMReply(reply.frame) == reply) }
    }

    @Test func `refuses what is cut, longer, or of another type`() {
        for frame in [Self.opening.frame, Self.answers.frame] {
            for count in 1..<frame.payload.count {
                // Answers may end after any of them, and nowhere else.
                let cut = PAMFrame(type: frame.type, payload: Array(frame.payload.prefix(count)))
                if frame.type == 2, count == 15 { continue }
                #expect(throws: PAMFault.self) { try PAMRequest(cut) }
            }
            #expect(throws: PAMFault.self) {
                try PAMRequest(PAMFrame(type: frame.type, payload: frame.payload + [0]))
            }
            #expect(throws: PAMFault.self) { try PAMReply(frame) }
        }
        for reply in Self.replies {
            #expect(throws: PAMFault.self) {
                try PAMReply(PAMFrame(type: reply.frame.type, payload: reply.frame.payload + [9]))
            }
            #expect(throws: PAMFault.self) { try PAMRequest(reply.frame) }
        }
    }

    @Test func `never waits for a frame that is too long`() throws {
        var decoder = PAMFrameDecoder()
        decoder.append([0, 1, 0, 1])
        #expect(throws: PAMFault.malformed("a frame of 65537 bytes")) { try decoder.next() }
        var empty = PAMFrameDecoder()
        empty.append([0, 0, 0, 0])
        #expect(throws: PAMFault.malformed("a frame of 0 bytes")) { try empty.next() }
    }

    @Test func `puts frames together that come byte by byte`() throws {
        var decoder = PAMFrameDecoder()
        var seen: [PAMFrame] = []
        for byte in Self.replies.flatMap(\.frame.bytes) {
            decoder.append([byte])
            while let frame = try decoder.next() { seen.append(frame) }
        }
        #expect(seen == Self.replies.map(\.frame))
    }

    @Test func `replaces a name where it is a word`() {
        let cases = [
            ("for `al': ", "for `alice': "), ("al's final code, al", "alice's final code, alice"),
            ("", ""),
            ("total", "total"), ("al", "alice"), ("\u{e4}al al\u{e4} al.", "\u{e4}al al\u{e4} alice."),
        ]
        for (text, renamed) in cases {
            let message = PAMMessage(.text, Array(text.utf8)).renamed(
                from: Array("al".utf8), to: Array("alice".utf8))
            #expect(message.text == Array(renamed.utf8))
        }
    }
}
