/// How a line of the log is written. Either way it is one line of printable ASCII.
package enum LogFormat: String, Hashable, Sendable, CaseIterable {
    /// One JSON object (RFC 8259).
    case json
    /// `key=value`, values in quotes where they need them.
    case logfmt
}
