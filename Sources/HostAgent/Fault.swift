/// Something wrong on this host: a stable code for machines and a sentence for people. Shown by `status`, and logged.
package struct Fault: Error, Codable, Hashable, Sendable, CustomStringConvertible {
    package let code: String
    package let text: String

    package init(_ code: String, _ text: String) {
        self.code = code
        self.text = text
    }

    package var description: String { "\(code): \(text)" }
}
