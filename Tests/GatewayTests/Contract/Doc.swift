import Yams

/// A YAML document as a tree of texts.
indirect enum Doc: Hashable, Sendable {
    case text(String)
    case list([Doc])
    case map([Field])

    struct Field: Hashable, Sendable {
        let key: String
        let value: Doc
    }

    init(yaml: String) throws {
        guard let node = try Yams.compose(yaml: yaml) else { throw Missing(what: "a document") }
        self.init(node)
    }

    private init(_ node: Node) {
        if let pairs = node.mapping {
            self = .map(pairs.map { Field(key: $0.key.string ?? "", value: Doc($0.value)) })
        } else if let nodes = node.sequence {
            self = .list(nodes.map { Doc($0) })
        } else {
            self = .text(node.string ?? "")
        }
    }

    struct Missing: Error { let what: String }

    subscript(key: String) -> Doc? { fields.first { $0.key == key }?.value }

    var fields: [Field] {
        guard case .map(let fields) = self else { return [] }
        return fields
    }
    var items: [Doc] {
        guard case .list(let items) = self else { return [] }
        return items
    }
    var texts: [String] { items.compactMap(\.text) }
    var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }
}
