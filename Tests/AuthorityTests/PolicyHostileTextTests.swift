import Authority
import Names
import Testing

@Suite struct `A hostile policy text` {
    @Test(arguments: [
        "groups: &a {web: [alice]}", "groups: {web: &a [alice]}", "groups: {web: [&a alice, *a]}",
        "groups: {\"web\":*a }", "groups: [&a]", "- &a", "? &a x\n: y", "{?*a : b}",
        "x: \"a # b\" \ny: [\"#\", *a]",
        "x: [\"foo\n # bar\", *a]", "x: it's &a y", "\u{FEFF}&a x", "x:\t*a", "x: !t &a y", "\u{2028}&a x",
        "x: [a,*b]", "x: '# \"'\ny: *a", "&a\r*b", "x: \u{85}*a", "# it's &here", "&-",
    ])
    func `with an anchor or alias is refused before it is followed`(_ text: String) {
        #expect(faults(of: text).map(\.problem) == ["anchors and aliases (&, *) are refused"])
    }

    @Test func `that is a billion laughs is refused at once`() {
        let laughs = (1...60).map { level in "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]" }
        let text = "a0: &a0 [lol]\n" + laughs.joined(separator: "\n") + "\n? *a60\n: x\n? *a60\n: y"
        #expect(
            faults(of: text) == [
                PolicyFault(line: 1, path: "", problem: "anchors and aliases (&, *) are refused")
            ])
    }

    @Test func `may use the signs of anchors where they are none`() throws {
        let text =
            "# the *first* grant & more *\n"
            + policyText(["options": "{forceCommand: \"a && b 2>&1; ls *.txt & # x\"}"])
        let grant = try #require(try Policy(yaml: text).grants.first)
        #expect(grant.options.forceCommand == "a && b 2>&1; ls *.txt & # x")
    }

    @Test(arguments: [
        "", " \n", "# nothing", "null", "[]", "{}", "grants", "grants:", "grants: []", "grants: {}",
        "grants: [[]]",
        "grants: [{}]", "grants: null", "---\n...\n---\n", "\0", "grants: [\u{0}]", "grants: [", "grants: ]",
        "\"grants", "{grants: [}]", "\tgrants: x", "%YAML 9.9\n---\na: b", "? [a]\n: b", "{[a]: b}",
        "{{a: b}: c}",
        "!!python/object:x {}", "!x grants: []", "<<: {grants: []}", "a: 1\na: 2", "grants: |\n  x",
        "\u{FEFF}",
        "grants: \"\\ud800\"", "grants: \"\\xff\"", "grants: \u{FFFF}", "a: b: c", "- a\nb: c", "@a", "`a`",
    ])
    func `that is no policy is refused`(_ text: String) {
        #expect(!faults(of: text).isEmpty)
    }

    @Test(arguments: [
        "!admin {name: web, who: [alice], to: [host:h], as: [root]}",
        "{name: !!binary d2Vi, who: [alice], to: [host:h], as: [root]}",
        "{name: web, who: !!set {alice}, to: [host:h], as: [root]}",
        "{!x name: web, name: web, who: [alice], to: [host:h], as: [root]}",
    ])
    func `with a tag is refused`(_ grant: String) {
        #expect(!faults(of: "grants:\n  - \(grant)\n").isEmpty)
    }

    @Test func `with a key twice is refused, whichever way it is written`() {
        #expect(
            faults(of: policyText() + "    as: [root]\n")
                == [PolicyFault(line: 4, path: "", problem: "repeats the key `as`")])
        #expect(!faults(of: policyText() + "    \"as\": [root]\n").isEmpty)
        #expect(!faults(of: policyText() + "    !!str as: [root]\n").isEmpty)
        #expect(!faults(of: policyText() + "    \"\\x61s\": [root]\n").isEmpty)
        #expect(!faults(of: policyText() + "grants: []\n").isEmpty)
    }

    @Test(arguments: ["[", "{a: ", "- ", "? ", "a: [", "{[", "[{"])
    func `that is nested very deep is refused and stops nobody`(_ opener: String) {
        for depth in [17, 900, 1_001, 20_000] {
            #expect(!faults(of: String(repeating: opener, count: depth)).isEmpty)
            #expect(
                !faults(
                    of: "grants: " + String(repeating: "[", count: depth)
                        + String(repeating: "]", count: depth)
                ).isEmpty)
        }
        let steps = (0..<400).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
        #expect(!faults(of: steps).isEmpty)
    }

    @Test func `of more than a mebibyte is refused unread`() {
        let filler = String(repeating: "#", count: 1_048_576 - policyText().utf8.count)
        #expect(faults(of: policyText() + filler).isEmpty)
        #expect(
            faults(of: policyText() + filler + "#") == [
                PolicyFault(line: 0, path: "", problem: "is longer than 1048576 bytes")
            ])
    }

    @Test func `made from a good one by chance never stops the reader`() throws {
        var random = SeededGenerator(seed: 7)
        let good = Array(Policy.bootstrap(admin: try Name("alice")).utf8.filter { $0 != UInt8(ascii: "#") })
        let signs = Array("[]{}:,-?&*!|>'\"%@`#\n\r\t \\\0aZ0$.=\u{212A}".utf8)
        for _ in 0..<1_500 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let sign = signs.randomElement(using: &random) ?? 0
                if random.chance(2) { bytes[place] = sign } else { bytes.insert(sign, at: place) }
                if random.chance(4) { bytes.removeSubrange(place..<min(place + 9, bytes.count)) }
            }
            _ = faults(of: String(decoding: bytes, as: UTF8.self))
        }
    }
}
