/// Something to ask a person.
package struct DialoguePrompt: Hashable, Sendable {
    package let text: String
    /// Whether what is typed may be seen.
    package let isShown: Bool

    package init(_ text: String, isShown: Bool) {
        self.text = text
        self.isShown = isShown
    }
}

/// A way to talk with a person who signs in.
package protocol Dialogue {
    /// Shows a text and asks.
    ///
    /// - Returns: An answer to each prompt; nil when the person is gone.
    func ask(_ text: String, _ prompts: [DialoguePrompt]) async -> [String]?
}
