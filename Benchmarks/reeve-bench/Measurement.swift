/// One measured figure, printed as a line of JSON.
struct Measurement {
    /// What is measured, such as `rate`.
    let measure: String
    /// What it is measured of, such as `reeved`.
    let subject: String
    let value: Double
    let unit: String
    /// Further numbers that belong to it, in this order.
    var details: KeyValuePairs<String, Double> = [:]

    func show() {
        let more = details.map { ",\(Self.quoted($0.key)):\(Self.text($0.value))" }.joined()
        print(
            "{\"measure\":\(Self.quoted(measure)),\"of\":\(Self.quoted(subject)),\"value\":\(Self.text(value)),"
                + "\"unit\":\(Self.quoted(unit))\(more)}")
    }

    /// RFC 8259 §7.
    private static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case "\u{0}"..<" ": " "
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }

    /// Three decimals; `null` for what is not a number.
    private static func text(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        let rounded = (value * 1_000).rounded() / 1_000
        return Int64(exactly: rounded).map(String.init) ?? String(rounded)
    }
}
