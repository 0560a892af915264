/// Reads filters and paths, bounded in length, depth and number of comparisons.
package struct SCIMFilterParser {
    /// Bytes.
    static let longest = 8_192
    static let deepest = 16
    static let mostComparisons = 128

    private let type: SCIMResourceType
    private let bytes: [UInt8]
    private let kind: SCIMError.Kind
    private var at = 0
    private var comparisons = 0
    /// The attribute whose parts are meant, between brackets.
    private var within: SCIMAttribute?

    /// - Throws: ``SCIMError`` with `invalidFilter`.
    package static func filter(_ text: String, of type: SCIMResourceType) throws(SCIMError) -> SCIMFilter {
        var parser = try SCIMFilterParser(text, type, .invalidFilter)
        let filter = try parser.alternatives(0)
        parser.skipSpaces()
        guard parser.at == parser.bytes.count else { throw parser.fault("something follows the filter") }
        return filter
    }

    /// - Returns: nil for an attribute of a standard schema that is not kept here.
    /// - Throws: ``SCIMError`` with `invalidPath`.
    package static func path(_ text: String, of type: SCIMResourceType) throws(SCIMError) -> SCIMPath? {
        var parser = try SCIMFilterParser(text, type, .invalidPath)
        return try parser.wholePath()
    }

    private init(_ text: String, _ type: SCIMResourceType, _ kind: SCIMError.Kind) throws(SCIMError) {
        guard text.utf8.count <= SCIMFilterParser.longest else {
            throw .invalid(kind, "longer than \(SCIMFilterParser.longest) bytes")
        }
        (self.type, self.kind, bytes) = (type, kind, Array(text.utf8))
    }

    private mutating func wholePath() throws(SCIMError) -> SCIMPath? {
        let name = word()
        let named = type.named(name)
        guard case .known(let target) = named else {
            guard named == .unkept, !name.isEmpty else { throw fault("no such attribute") }
            return nil
        }
        guard skip("[") else {
            guard at == bytes.count else { throw fault("not a path") }
            return SCIMPath(target: target, filter: nil)
        }
        guard target.part == nil, target.attribute.isMultiValued else {
            throw fault("\(target.attribute.name) has one value, which brackets cannot choose from")
        }
        let filter = try elementFilter(of: target.attribute, 1)
        guard skip(".") else {
            guard at == bytes.count else { throw fault("not a path") }
            return SCIMPath(target: target, filter: filter)
        }
        let last = word()
        guard at == bytes.count else { throw fault("not a path") }
        guard let part = target.attribute.part(last) else {
            if case .unkept = type.named("\(target.attribute.name).\(last)") { return nil }
            throw fault("no such part of \(target.attribute.name)")
        }
        return SCIMPath(
            target: SCIMTarget(
                extensionSchema: target.extensionSchema, attribute: target.attribute, part: part),
            filter: filter)
    }

    private mutating func alternatives(_ depth: Int) throws(SCIMError) -> SCIMFilter {
        var found = try conjunction(depth)
        while skipWord("or") { found = .or(found, try conjunction(depth)) }
        return found
    }

    private mutating func conjunction(_ depth: Int) throws(SCIMError) -> SCIMFilter {
        var found = try term(depth)
        while skipWord("and") { found = .and(found, try term(depth)) }
        return found
    }

    private mutating func term(_ depth: Int) throws(SCIMError) -> SCIMFilter {
        guard depth < SCIMFilterParser.deepest else { throw fault("nested too deeply") }
        skipSpaces()
        if skipNot() { return .not(try group(depth)) }
        if skip("(") { return try closed(depth) }
        return try comparison(depth)
    }

    private mutating func group(_ depth: Int) throws(SCIMError) -> SCIMFilter {
        skipSpaces()
        guard skip("(") else { throw fault("( belongs behind not") }
        return try closed(depth)
    }

    private mutating func closed(_ depth: Int) throws(SCIMError) -> SCIMFilter {
        let filter = try alternatives(depth + 1)
        skipSpaces()
        guard skip(")") else { throw fault(") is missing") }
        return filter
    }

    private mutating func comparison(_ depth: Int) throws(SCIMError) -> SCIMFilter {
        comparisons += 1
        guard comparisons <= SCIMFilterParser.mostComparisons else { throw fault("too many comparisons") }
        let target = try target()
        if skip("[") {
            guard target.part == nil, target.attribute.kind == .complex, within == nil else {
                throw fault("\(target.attribute.name) has no parts that brackets could be about")
            }
            return .element(target, try elementFilter(of: target.attribute, depth + 1))
        }
        skipSpaces()
        let word = word().lowercased()
        if word == "pr" { return .present(target) }
        guard let comparison = SCIMFilter.Comparison(rawValue: word) else {
            throw fault("eq, ne, co, sw, ew, gt, ge, lt, le or pr belongs behind an attribute")
        }
        skipSpaces()
        return .compare(target, comparison, try value(for: target, comparison))
    }

    private mutating func elementFilter(
        of attribute: SCIMAttribute, _ depth: Int
    ) throws(SCIMError) -> SCIMFilter {
        within = attribute
        let filter = try alternatives(depth)
        within = nil
        skipSpaces()
        guard skip("]") else { throw fault("] is missing") }
        return filter
    }

    private mutating func target() throws(SCIMError) -> SCIMTarget {
        let name = word()
        guard !name.isEmpty else { throw fault("an attribute is missing") }
        if let within {
            guard let part = within.part(name) else { throw fault("no such part of \(within.name)") }
            return SCIMTarget(extensionSchema: nil, attribute: part, part: nil)
        }
        guard case .known(let target) = type.named(name) else { throw fault("no such attribute") }
        return target
    }

    private mutating func value(
        for target: SCIMTarget, _ comparison: SCIMFilter.Comparison
    ) throws(SCIMError) -> JSONValue {
        let start = at
        if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
            at += 1
            while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
                at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
            }
            at += 1
        } else {
            while at < bytes.count, !SCIMFilterParser.ends.contains(bytes[at]) { at += 1 }
        }
        guard at <= bytes.count, let value = try? JSONValue.read(Array(bytes[start..<at])), value.isPlain
        else {
            throw fault("the value is no text, number, true, false or null")
        }
        let kind = (target.part ?? target.attribute).kind
        guard kind != .boolean || comparison == .eq || comparison == .ne else {
            throw fault("a boolean is compared by eq and ne")
        }
        guard kind != .dateTime || value.text.flatMap(SCIMTime.seconds) != nil else {
            throw fault("the value is no time")
        }
        return value
    }

    private static let ends = Set(" )]".utf8)

    /// The bytes of names, URNs and operators.
    private mutating func word() -> String {
        let start = at
        while at < bytes.count, SCIMFilterParser.isOfWord(bytes[at]) { at += 1 }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "-"),
            UInt8(ascii: "_"), UInt8(ascii: "$"):
            true
        default: false
        }
    }

    private mutating func skipSpaces() { while skip(" ") {} }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    /// Takes the word, whatever its case, if it stands there.
    private mutating func skipWord(_ wanted: String) -> Bool {
        let start = at
        skipSpaces()
        guard word().lowercased() == wanted else {
            at = start
            return false
        }
        return true
    }

    private mutating func skipNot() -> Bool {
        let start = at
        guard skipWord("not") else { return false }
        skipSpaces()
        guard at < bytes.count, bytes[at] == UInt8(ascii: "(") else {
            at = start
            return false
        }
        return true
    }

    private func fault(_ reason: String) -> SCIMError {
        .invalid(
            kind, "\(kind == .invalidPath ? "path" : "filter"): \(reason), at byte \(min(at, bytes.count))")
    }
}

extension JSONValue {
    fileprivate var isPlain: Bool {
        switch self {
        case .null, .bool, .number, .string: true
        case .array, .object: false
        }
    }
}
