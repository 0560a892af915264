import Names

/// Reads values of a policy strictly, and remembers every fault instead of stopping at the first.
///
/// Its functions return nil where they have noted a fault.
struct PolicyReader {
    private(set) var faults: [PolicyFault]
    let limits: PolicyLimits

    init(faults: [PolicyFault], limits: PolicyLimits) {
        self.faults = faults
        self.limits = limits
    }

    /// Notes a fault at a value.
    mutating func note(_ value: PolicyValue, _ problem: String) {
        faults.append(PolicyFault(line: value.line, path: value.path, problem: problem))
    }

    /// The same for readers that end with it.
    mutating func fault<Value>(_ value: PolicyValue, _ problem: String) -> Value? {
        note(value, problem)
        return nil
    }

    /// The values of a mapping by key.
    mutating func fields(
        _ value: PolicyValue, required: [String] = [], optional: [String] = []
    ) -> [String: PolicyValue]? {
        guard case .map(let entries) = value.content else {
            return fault(value, "must be a mapping, not \(value.kind)")
        }
        let known = required + optional
        for entry in entries where !known.contains(entry.key) {
            let problem = "unknown key \(quoted(entry.key)); known are \(known.joined(separator: ", "))"
            faults.append(PolicyFault(line: entry.line, path: value.path, problem: problem))
        }
        let fields = Dictionary(entries.map { ($0.key, $0.value) }) { first, _ in first }
        for key in required where fields[key] == nil { note(value, "lacks `\(key)`") }
        return fields
    }

    /// The entries of a list that is not empty.
    mutating func list(_ value: PolicyValue, atMost limit: Int = .max) -> [PolicyValue]? {
        guard case .list(let entries) = value.content else {
            return fault(value, "must be a list, not \(value.kind)")
        }
        guard !entries.isEmpty else {
            return fault(value, "is an empty list, which would mean nothing and nobody")
        }
        guard entries.count <= limit else { return fault(value, "has more than \(limit) entries") }
        return entries
    }

    /// A list of different things.
    mutating func distinct<Element: Hashable>(
        _ value: PolicyValue, atMost limit: Int = .max,
        _ read: (inout PolicyReader, PolicyValue) -> Element?
    ) -> [Element]? {
        guard let entries = list(value, atMost: limit) else { return nil }
        var seen: Set<Element> = []
        var elements: [Element] = []
        for entry in entries {
            guard let element = read(&self, entry) else { continue }
            guard seen.insert(element).inserted else {
                note(entry, "stands here twice")
                continue
            }
            elements.append(element)
        }
        return elements.count == entries.count ? elements : nil
    }

    mutating func text(_ value: PolicyValue) -> String? {
        guard case .text(let text) = value.content else {
            return fault(value, "must be a text, not \(value.kind)")
        }
        return text
    }

    mutating func flag(_ value: PolicyValue) -> Bool? {
        guard case .flag(let flag) = value.content else { return fault(value, "must be true or false") }
        return flag
    }

    /// One word of a closed list.
    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ value: PolicyValue, _ type: Word.Type
    ) -> Word? where Word.RawValue == String {
        guard let text = text(value) else { return nil }
        // Bytes are compared: as `String`s, texts that differ in their bytes can be equal.
        guard let word = Word.allCases.first(where: { $0.rawValue.utf8.elementsEqual(text.utf8) }) else {
            let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
            return fault(value, "\(quoted(text)) is none of \(known)")
        }
        return word
    }

    /// Something with an allow-list of its own.
    mutating func name<Element>(
        _ value: PolicyValue, _ make: (String) throws(NameError) -> Element
    ) -> Element? {
        guard let text = text(value) else { return nil }
        return name(value, text, make)
    }

    /// The same for a part of the text that stands at `value`.
    mutating func name<Element>(
        _ value: PolicyValue, _ text: String, _ make: (String) throws(NameError) -> Element
    ) -> Element? {
        do { return try make(text) } catch {
            return fault(value, "\(quoted(text)) \(Self.words(error, text))")
        }
    }

    /// 1…`limit` seconds.
    mutating func duration(_ value: PolicyValue, atMost limit: UInt64) -> UInt64? {
        guard let text = text(value) else { return nil }
        guard let seconds = PolicyDuration.seconds(text) else {
            return fault(value, "\(quoted(text)) is not a time such as 30s, 90m, 8h or 2d")
        }
        guard seconds <= limit else {
            return fault(value, "\(quoted(text)) is longer than \(PolicyDuration.words(limit))")
        }
        return seconds
    }

    /// 1…`limit`, in decimal digits.
    mutating func number(_ value: PolicyValue, atMost limit: UInt64) -> UInt64? {
        guard let text = text(value) else { return nil }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard text.utf8.allSatisfy(digits.contains), text.utf8.first != UInt8(ascii: "0"),
            let number = UInt64(text), number <= limit
        else { return fault(value, "\(quoted(text)) is not a number from 1 to \(limit)") }
        return number
    }

    private static func words(_ error: NameError, _ text: String) -> String {
        switch error {
        case .empty: "is empty"
        case .tooLong(let limit): "is longer than \(limit) bytes"
        case .byte(UInt8(ascii: "*"), _): "has a wildcard; name each thing, or give hosts a label"
        case .byte(_, let offset):
            "has a byte at \(offset) that names cannot have; "
                + "use lower-case ASCII letters, digits, dot, hyphen and underscore"
        case .shape(let shape): "is not a name: \(shape)"
        }
    }
}
