import PAMProtocol

/// What modules say, as people may be shown it: modules, and those they ask, are not trusted with anybody's terminal.
package enum PAMText {
    /// Unicode without control characters and without what turns or hides text; lines stay lines.
    package static func printable(_ bytes: some Collection<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control where scalar == "\n", .lineSeparator, .paragraphSeparator: text.append("\n")
            case .control where scalar == "\t": text.append(" ")
            case .control where scalar == "\r": break
            case .control, .format, .surrogate, .privateUse, .unassigned: text.append("\u{FFFD}")
            default: text.append(scalar)
            }
        }
        return String(text)
    }

    /// A question without the colon and the blanks at its end: whoever shows it adds their own.
    package static func question(_ bytes: some Collection<UInt8>) -> String {
        var text = trimmed(printable(bytes)[...])
        if text.hasSuffix(":") { text = trimmed(text.dropLast()) }
        return text.isEmpty ? "Answer" : String(text)
    }

    /// What is to be read, a line each.
    static func notes(_ messages: [PAMMessage]) -> String {
        messages.map { String(trimmed(printable($0.text)[...])) }.filter { !$0.isEmpty }
            .joined(separator: "\n")
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let last = text.unicodeScalars.last, last == " " || last == "\n" {
            text = text[..<text.unicodeScalars.index(before: text.endIndex)]
        }
        return text
    }
}
