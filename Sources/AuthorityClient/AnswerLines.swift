package import Names

/// Answers to prompts, given before they are asked: lines `name=value`. For automation.
package struct AnswerLines: Sendable {
    private let values: [String: Secret<String>]

    package static let none = AnswerLines(values: [:])

    /// Longest text, in bytes.
    package static let limit = 65_536

    private init(values: [String: Secret<String>]) { self.values = values }

    /// Reads the lines. Everything after the first `=` is the value, spaces included; empty lines and lines that begin
    /// with `#` are read over.
    ///
    /// - Throws: ``AnswerError``, with the number of the line and never its text.
    package init(_ bytes: [UInt8]) throws(AnswerError) {
        guard bytes.count <= Self.limit else { throw .tooLong }
        var values: [String: Secret<String>] = [:]
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            let parts = line.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = parts.first, !name.isEmpty, let rest = parts.last,
                let value = String(validating: rest, as: UTF8.self)
            else { throw .line(number + 1) }
            let key = String(decoding: name, as: UTF8.self)
            guard values.updateValue(Secret(value), forKey: key) == nil else {
                throw .repeated(line: number + 1)
            }
        }
        self.values = values
    }

    package subscript(name: String) -> Secret<String>? { values[name] }
}

/// Why answers cannot be read.
package enum AnswerError: Error, Hashable, Sendable {
    case tooLong
    /// Not `name=value` in UTF-8; lines count from 1.
    case line(Int)
    case repeated(line: Int)
}

extension AnswerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLong: "they are longer than \(AnswerLines.limit) bytes"
        case .line(let number): "line \(number) is not name=value in UTF-8"
        case .repeated(let number): "line \(number) gives a second answer to the same question"
        }
    }
}
