import TOMLKit

/// One line of the configuration file: its key, why it is as it is, and how it is taken.
struct Setting: Sendable {
    let section: String
    let key: String
    /// Unit, range and reason.
    let comment: String
    /// The default as TOML; nil where there is none and the line is printed as a comment with `example`.
    let standard: String?
    let example: String
    let take: @Sendable (any TOMLValueConvertible, inout Configuration) throws(SettingFault) -> Void

    var path: String { "\(section).\(key)" }
}

/// Why a value is not taken.
struct SettingFault: Error {
    let sentence: String
    init(_ sentence: String) { self.sentence = sentence }
}

extension Setting {
    static func text(
        _ section: String, _ key: String, _ comment: String, standard: String? = nil, example: String = "",
        _ take: @escaping @Sendable (String, inout Configuration) throws(SettingFault) -> Void
    ) -> Setting {
        Setting(
            section: section, key: key, comment: comment, standard: standard.map { "\"\($0)\"" },
            example: "\"\(example)\""
        ) { value, configuration throws(SettingFault) in
            guard let text = value.string, !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F })
            else { throw SettingFault("a text of printable ASCII, not empty") }
            try take(text, &configuration)
        }
    }

    static func number(
        _ section: String, _ key: String, _ comment: String, in range: ClosedRange<Int>, standard: Int,
        _ take: @escaping @Sendable (Int, inout Configuration) -> Void
    ) -> Setting {
        Setting(
            section: section, key: key, comment: "\(comment) \(range.lowerBound) to \(range.upperBound).",
            standard: String(standard), example: ""
        ) { value, configuration throws(SettingFault) in
            guard value.type == .int, let number = value.int, range.contains(number) else {
                throw SettingFault("a number from \(range.lowerBound) to \(range.upperBound)")
            }
            take(number, &configuration)
        }
    }

    /// One of the raw values of a type, all of which the comment lists.
    static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
        _ section: String, _ key: String, _ comment: String, of type: Value.Type, standard: Value,
        _ take: @escaping @Sendable (Value, inout Configuration) -> Void
    ) -> Setting where Value.RawValue == String {
        let all = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return text(section, key, "\(comment) One of \(all).", standard: standard.rawValue) {
            text, configuration throws(SettingFault) in
            guard let value = Value(rawValue: text) else { throw SettingFault("one of \(all)") }
            take(value, &configuration)
        }
    }

    static func texts(
        _ section: String, _ key: String, _ comment: String, standard: [String],
        _ take: @escaping @Sendable ([String], inout Configuration) throws(SettingFault) -> Void
    ) -> Setting {
        let standard = "[" + standard.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        return Setting(section: section, key: key, comment: comment, standard: standard, example: "") {
            value, configuration throws(SettingFault) in
            guard let array = value.array else { throw SettingFault("a list of texts") }
            let texts = array.compactMap(\.string)
            guard texts.count == array.count, texts.count <= 64 else { throw SettingFault("a list of texts") }
            try take(texts, &configuration)
        }
    }
}
