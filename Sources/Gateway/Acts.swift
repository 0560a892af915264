import Authority
import AuthorityAPI

extension ActInHand {
    /// The act that a call is; nil for all that is none.
    ///
    /// - Throws: `.refused(.badRequest)` for a reason that is no sentence.
    convenience init?(_ call: Call) throws(AuthorityError) {
        guard call.route.isAct, let value = try? JSONValue.read(call.body) else { return nil }
        var reason: String?
        if let text = value["reason"]?.text { reason = try Field.sentence("reason", text) }
        self.init(
            call.route.rawValue, body: call.body, reason: reason,
            fields: { Self.lines(of: value) })
    }

    /// Every value with the path to it, in the order of the names; texts line by line, so that a policy can be read.
    private static func lines(of value: JSONValue, at path: String = "") -> [(name: String, value: String)] {
        switch value {
        case .null: return [(path, "null")]
        case .bool(let flag): return [(path, flag ? "true" : "false")]
        case .number(let text): return [(path, text)]
        case .string(let text):
            let parts = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            guard parts.count > 1 else { return [(path, text)] }
            return parts.enumerated().map { ("\(path) line \($0.offset + 1)", $0.element) }
        case .array(let values):
            guard !values.isEmpty else { return [(path, "none")] }
            return values.enumerated().flatMap { lines(of: $0.element, at: "\(path)[\($0.offset)]") }
        case .object(let fields):
            return fields.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.flatMap {
                lines(of: $0.value, at: path.isEmpty ? $0.key : "\(path).\($0.key)")
            }
        }
    }
}
