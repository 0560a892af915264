import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `An event` {
    private static let hostile = [
        "a\r\nb", "{\"action\":\"revoked\"}", "\",\"action\":\"revoked\",\"x\":\"", "\\", "\\u0022",
        "\u{1b}[2J\u{1b}]0;x\u{7}",
        "\u{0}\u{1}\u{7f}\u{80}\u{9b}", "\u{2028}\u{2029}\u{feff}", "e\u{301}", "😀",
        String(repeating: "😀", count: 600),
        String(repeating: "x", count: 1_048_576), String(repeating: "\"", count: 1_048_576),
        "x" + String(repeating: "😀", count: 600),
    ]

    @Test(arguments: hostile.indices) func `L06 is one capped line of plain JSON, whatever it holds`(
        _ position: Int
    ) throws {
        let text = Self.hostile[position]
        let event = Event(
            time: UnixTime(1), action: .denied, actor: nil, subject: text, requestID: text, source: text,
            details: ["text": .text(text), "list": .list([text, text])])
        let bytes = event.encoded()
        #expect(bytes.allSatisfy { (0x20...0x7E).contains($0) })
        #expect(bytes.count < 6 * 6 * 1_100)
        let values = try PlainJSON.texts(bytes)
        #expect(values.keys.sorted() == ["action", "list", "request", "source", "subject", "text", "time"])
        #expect(values["action"] == ["denied"])
        let isShort = text.utf16.count <= Event.longestText
        for name in ["subject", "request", "source", "text", "list"] {
            for value in values[name] ?? [] {
                #expect(isShort ? value == text : value.hasSuffix("…") && text.hasPrefix(value.dropLast()))
            }
        }
        #expect(values["list"]?.count == 2)
    }

    @Test func `L06 holds 256 names of a list at most`() throws {
        let event = Event(
            time: UnixTime(1), action: .denied, actor: nil, requestID: "r", source: "s",
            details: ["list": .list((0..<10_000).map { "n\($0)" })])
        #expect(try PlainJSON.texts(event.encoded())["list"]?.count == 256)
    }

    @Test func `L06 is one, for every hostile name and reason that is sent`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let ada = try await house.requester("ada")
        let alice = try await house.enrol("alice", key: 1)
        for text in Self.hostile {
            let before = await house.store.treeSize()
            if text.utf8.count <= 256 {
                _ = await refused {
                    try await house.signIn(text, password: "x", code: text, key: alice.key, source: text)
                }
                #expect(await house.store.treeSize() == before + 1)
            }
            let issued = try await house.authority.issuance.issue(
                try house.wish(), by: try await house.requester("alice"), once: .unclaimed)
            _ = try await house.authority.revocations.revoke(
                .serial(.user, issued.value.certificate.serial), reason: text, by: ada, once: .unclaimed)
        }
        for leaf in await house.store.leaves(from: 0, limit: .max) {
            #expect(leaf.bytes.allSatisfy { (0x20...0x7E).contains($0) })
            #expect(leaf.bytes.count < 16_384)
            _ = try PlainJSON.texts(leaf.bytes)
        }
    }

    @Test func `has the same bytes for the same values`() {
        let event = Event(
            time: UnixTime(1_800_000_000), action: .certificateIssued, actor: nil, subject: "7",
            requestID: "r-1",
            source: "192.0.2.1", refusal: .busy,
            details: ["b": .number(.max), "a": .list([]), "c": .text("é")])
        let text = """
            {"time":1800000000,"action":"certificate.issued","subject":"7","request":"r-1","source":"192.0.2.1",\
            "refused":"busy","a":[],"b":18446744073709551615,"c":"\\u00e9"}
            """
        #expect(String(decoding: event.encoded(), as: UTF8.self) == text)
    }
}

/// Reads one flat JSON object strictly: no spaces, no name twice, no lone surrogates. Numbers count as texts.
enum PlainJSON {
    struct Malformed: Error { let offset: Int }

    static func texts(_ bytes: [UInt8]) throws -> [String: [String]] {
        var reader = Reader(bytes: bytes)
        var values: [String: [String]] = [:]
        try reader.take("{")
        while reader.peek != UInt8(ascii: "}") {
            if !values.isEmpty { try reader.take(",") }
            let name = try reader.text()
            try reader.take(":")
            guard values.updateValue(try reader.value(), forKey: name) == nil else {
                throw Malformed(offset: reader.offset)
            }
        }
        try reader.take("}")
        guard reader.peek == nil else { throw Malformed(offset: reader.offset) }
        return values
    }

    private struct Reader {
        let bytes: [UInt8]
        var offset = 0

        var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

        mutating func take(_ wanted: Unicode.Scalar) throws {
            guard try next() == UInt8(ascii: wanted) else { throw Malformed(offset: offset) }
        }

        mutating func next() throws -> UInt8 {
            guard let byte = peek else { throw Malformed(offset: offset) }
            offset += 1
            return byte
        }

        mutating func value() throws -> [String] {
            if peek == UInt8(ascii: "\"") { return [try text()] }
            guard peek == UInt8(ascii: "[") else {
                let start = offset
                while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
                guard offset > start else { throw Malformed(offset: offset) }
                return [String(decoding: bytes[start..<offset], as: UTF8.self)]
            }
            try take("[")
            var list: [String] = []
            while peek != UInt8(ascii: "]") {
                if !list.isEmpty { try take(",") }
                list.append(try text())
            }
            try take("]")
            return list
        }

        mutating func text() throws -> String {
            try take("\"")
            var units: [UInt16] = []
            while true {
                let byte = try next()
                switch byte {
                case UInt8(ascii: "\""):
                    guard let text = String(validating: units, as: UTF16.self) else {
                        throw Malformed(offset: offset)
                    }
                    return text
                case UInt8(ascii: "\\"): units.append(try escaped())
                case 0x20...0x7E: units.append(UInt16(byte))
                default: throw Malformed(offset: offset)
                }
            }
        }

        mutating func escaped() throws -> UInt16 {
            let byte = try next()
            guard byte == UInt8(ascii: "u") else {
                guard byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
                    throw Malformed(offset: offset)
                }
                return UInt16(byte)
            }
            let digits = String(decoding: [try next(), try next(), try next(), try next()], as: UTF8.self)
            guard let unit = UInt16(digits, radix: 16) else { throw Malformed(offset: offset) }
            return unit
        }
    }
}
