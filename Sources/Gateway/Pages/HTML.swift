/// Text that may stand in a page as it is. What is put into it is escaped, so that nobody's name or error becomes a part of
/// the page: `"<p>From \(address)</p>"`.
struct HTML: Hashable, Sendable, ExpressibleByStringInterpolation {
    let text: String

    init(stringLiteral text: String) { self.text = text }
    init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    /// One after the other.
    init(_ parts: [HTML]) { text = parts.map(\.text).joined(separator: "\n") }

    struct Interpolation: StringInterpolationProtocol, Sendable {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 32 * interpolationCount)
        }

        mutating func appendLiteral(_ literal: String) { text += literal }
        mutating func appendInterpolation(_ html: HTML) { text += html.text }
        mutating func appendInterpolation(_ number: some BinaryInteger) { text += String(number) }
        mutating func appendInterpolation(_ plain: String) { text += HTML.escaped(plain) }
    }

    /// For elements and for attributes in either quote. Control characters, and those that turn the direction of writing,
    /// are shown as U+FFFD: what somebody else wrote shall not look like another text.
    static func escaped(_ plain: String) -> String {
        var out = ""
        for scalar in plain.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            case "\n": out += "\n"
            default:
                let isHidden = [.control, .format, .lineSeparator, .paragraphSeparator].contains(
                    scalar.properties.generalCategory)
                out.unicodeScalars.append(isHidden ? "\u{FFFD}" : scalar)
            }
        }
        return out
    }
}
