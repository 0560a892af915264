import Testing

@testable import AuthorityAPI

@Suite struct `Texts of SCIM that were changed at random` {
    /// SplitMix64; the same numbers from the same seed.
    private struct Chance: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
            return mixed ^ mixed >> 31
        }
    }

    private static let texts = [
        #"userName eq "dana@example.com" and not (emails[type eq "work" and value co "@"] or active eq true)"#,
        #"emails[type eq "work"].value"#, #"members[value eq "1a"]"#, "name.familyName pr",
        #"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "\u0064\"\\""#,
        #"meta.lastModified gt "2026-05-13T04:42:34.123Z""#,
    ]
    private static let patch = #"""
        {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[
         {"op":"Add","path":"emails[type eq \"work\"].value","value":"a@b"},{"op":"replace","value":{"active":"False"}},
         {"op":"remove","path":"members[value eq \"1\"]"},{"op":"add","path":"members","value":[{"value":"2"}]}]}
        """#
    private static let pieces = Array(#""\[]().:$ eq ne pr and or not { } , true null 1e9 é"#.utf8)

    private func changed(_ text: String, _ chance: inout Chance) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 0...3, using: &chance) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &chance)
            switch UInt8.random(in: 0...3, using: &chance) {
            case 0: bytes.remove(at: place)
            case 1: bytes[place] = .random(in: 0...255, using: &chance)
            case 2: bytes.insert(Self.pieces.randomElement(using: &chance) ?? 0, at: place)
            default: bytes.append(contentsOf: bytes[place...].prefix(40))
            }
        }
        return bytes
    }

    @Test func `are read or refused, and nothing else`() throws {
        var chance = Chance(state: 20_260_513)
        let resource = try JSONValue.read(
            Array(
                #"{"userName":"dana","emails":[{"value":"a","type":"work"}],"members":[{"value":"1"}]}"#.utf8)
        )
        var (read, refused) = (0, 0)
        for round in 0..<10_000 {
            let text = String(
                decoding: changed(Self.texts[round % Self.texts.count], &chance), as: UTF8.self)
            for type in SCIMResourceType.allCases {
                if let filter = try? SCIMFilterParser.filter(text, of: type) {
                    read += 1
                    _ = filter.matches(resource)
                } else {
                    refused += 1
                }
                _ = try? SCIMFilterParser.path(text, of: type)
            }
            guard let message = try? JSONValue.read(changed(Self.patch, &chance)) else { continue }
            for type in SCIMResourceType.allCases {
                guard let after = try? SCIMPatch(message, of: type).applied(to: resource) else { continue }
                #expect(try JSONValue.read(after.encoded) == after)
            }
        }
        #expect(read > 1_000 && refused > 1_000)
    }
}
