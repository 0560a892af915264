/// A value of a policy text, free of YAML's surprises, with the place where it stands.
struct PolicyValue {
    enum Content {
        /// A plain `null`, `~`, or nothing at all.
        case absent
        /// A plain `true` or `false`.
        case flag(Bool)
        /// Every other scalar, a number too: nothing is guessed.
        case text(String)
        case list([PolicyValue])
        /// In the order of the text, no key twice.
        case map([PolicyEntry])
    }

    let line: Int
    let path: String
    let content: Content

    /// What it is, for a message.
    var kind: String {
        switch content {
        case .absent: "nothing"
        case .flag: "true or false"
        case .text: "a text"
        case .list: "a list"
        case .map: "a mapping"
        }
    }
}

/// One `key: value`.
struct PolicyEntry {
    let key: String
    let line: Int
    let value: PolicyValue
}
