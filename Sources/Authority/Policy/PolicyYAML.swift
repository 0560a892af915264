import Yams

/// Reads the YAML of a policy into a ``PolicyValue``, of the plain kind only: one document, no anchors,
/// aliases, tags or merge keys, keys are texts and stand once.
struct PolicyYAML {
    /// The longest text read, in bytes.
    static let limit = 1_048_576
    /// How deep lists and mappings may stand in one another; a policy needs five.
    static let depthLimit = 16

    private(set) var faults: [PolicyFault] = []

    /// - Throws: ``PolicyFaults`` where no tree can be made; what is wrong within the tree is returned.
    static func read(_ text: String) throws(PolicyFaults) -> (PolicyValue, [PolicyFault]) {
        guard text.utf8.count <= limit else {
            throw PolicyFaults(PolicyFault(line: 0, path: "", problem: "is longer than \(limit) bytes"))
        }
        if let line = AnchorScan(text).firstLine() {
            throw PolicyFaults(
                PolicyFault(line: line, path: "", problem: "anchors and aliases (&, *) are refused"))
        }
        guard let root = try compose(text) else {
            throw PolicyFaults(PolicyFault(line: 0, path: "", problem: "is empty"))
        }
        var yaml = PolicyYAML()
        let value = yaml.value(root, path: "", depth: 0)
        return (value, yaml.faults)
    }

    private static func compose(_ text: String) throws(PolicyFaults) -> Node? {
        do {
            // Without rules every scalar stays a text; with them each would be tried against seven patterns.
            return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch {
            throw PolicyFaults(fault(of: error))
        }
    }

    private static func fault(of error: any Error) -> PolicyFault {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            let words = [context?.text, problem].compactMap(\.self).joined(separator: ": ")
            return PolicyFault(line: mark.line, path: "", problem: "is not YAML: \(words)")
        case YamlError.duplicatedKeysInMapping(let keys, let context):
            let names = keys.map(quoted).joined(separator: ", ")
            return PolicyFault(line: context.mark.line, path: "", problem: "repeats the key \(names)")
        case YamlError.reader(let problem, _, _, _):
            return PolicyFault(line: 0, path: "", problem: "is not YAML: \(problem)")
        default:
            return PolicyFault(line: 0, path: "", problem: "is not YAML")
        }
    }

    private mutating func value(_ node: Node, path: String, depth: Int) -> PolicyValue {
        let line = node.mark?.line ?? 0
        func made(_ content: PolicyValue.Content) -> PolicyValue {
            PolicyValue(line: line, path: path, content: content)
        }
        guard depth <= Self.depthLimit else {
            faults.append(PolicyFault(line: line, path: path, problem: "stands too deep"))
            return made(.absent)
        }
        switch node {
        case .scalar(let scalar):
            checkTag(node, "str", line: line, path: path)
            return made(Self.content(of: scalar))
        case .sequence(let sequence):
            checkTag(node, "seq", line: line, path: path)
            return made(
                .list(sequence.enumerated().map { value($1, path: "\(path)[\($0)]", depth: depth + 1) }))
        case .mapping(let mapping):
            checkTag(node, "map", line: line, path: path)
            return made(.map(entries(mapping, path: path, depth: depth)))
        case .alias:
            faults.append(PolicyFault(line: line, path: path, problem: "aliases are refused"))
            return made(.absent)
        }
    }

    private mutating func checkTag(_ node: Node, _ expected: String, line: Int, path: String) {
        guard !Self.isTagged(node, expected) else { return }
        faults.append(PolicyFault(line: line, path: path, problem: "tags are refused"))
    }

    /// Whether a node has the tag of YAML's own schema that it would have without any (YAML 1.1 §10.2).
    private static func isTagged(_ node: Node, _ kind: String) -> Bool {
        node.tag.description == "tag:yaml.org,2002:\(kind)"
    }

    private static func content(of scalar: Node.Scalar) -> PolicyValue.Content {
        guard scalar.style == .plain || scalar.style == .any else { return .text(scalar.string) }
        switch scalar.string {
        case "", "~", "null", "Null", "NULL": return .absent
        case "true": return .flag(true)
        case "false": return .flag(false)
        default: return .text(scalar.string)
        }
    }

    private mutating func entries(_ mapping: Node.Mapping, path: String, depth: Int) -> [PolicyEntry] {
        var seen: Set<[UInt8]> = []
        var entries: [PolicyEntry] = []
        for (key, inner) in mapping {
            let line = key.mark?.line ?? 0
            guard case .scalar(let scalar) = key, Self.isTagged(key, "str") else {
                faults.append(PolicyFault(line: line, path: path, problem: "a key must be a plain text"))
                continue
            }
            guard seen.insert(Array(scalar.string.utf8)).inserted else {
                let problem = "repeats the key \(quoted(scalar.string))"
                faults.append(PolicyFault(line: line, path: path, problem: problem))
                continue
            }
            let shown = Self.isWord(scalar.string) ? scalar.string : quoted(scalar.string)
            let below = path.isEmpty ? shown : "\(path).\(shown)"
            entries.append(
                PolicyEntry(
                    key: scalar.string, line: line, value: value(inner, path: below, depth: depth + 1)))
        }
        return entries
    }

    /// Whether a key can stand in a path as it is.
    private static func isWord(_ text: String) -> Bool {
        text.utf8.count <= 64 && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
