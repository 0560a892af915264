import HTTPTypes

@testable import AuthorityAPI
@testable import Gateway

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What `openapi.yaml` promises.
struct Contract: Sendable {
    static let published = Result { try Contract() }

    struct Operation: Sendable {
        let line: String
        let name: String
        let access: String
        /// The schemes that are asked for together.
        let security: Set<String>
        let doc: Doc
        /// By status.
        let responses: [Int: Doc]

        /// Of a form, each of whose fields is a text.
        var form: Doc? {
            doc["requestBody"]?["content"]?["application/x-www-form-urlencoded"]?["schema"]
        }
        var request: Doc? { doc["requestBody"]?["content"]?["application/json"]?["schema"] }
    }

    let components: Doc
    let operations: [Operation]

    private init() throws {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let bytes = try Data(contentsOf: URL(filePath: "/\(root)/openapi.yaml"))
        let doc = try Doc(yaml: String(decoding: bytes, as: UTF8.self))
        let components = doc["components"] ?? .map([])
        let check = SchemaCheck(components: components, objects: .closed)
        self.components = components
        operations = (doc["paths"]?.fields ?? []).flatMap { path in
            path.value.fields.map { method in
                Operation("\(method.key.uppercased()) \(path.key)", method.value, check)
            }
        }
    }

    func operation(_ route: Route) -> Operation? { operations.first { $0.line == route.rawValue } }

    /// How a request and its answer break the contract, each with what to do; empty where they keep it.
    func faults(_ request: TestRequest, _ reply: Reply) -> [String] {
        guard let head = try? request.head, let route = try? Door.route(of: head).get() else { return [] }
        guard let operation = operation(route) else { return ["\(route.rawValue) is not in openapi.yaml"] }
        guard let response = operation.responses[reply.status] else {
            return [
                """
                \(route.rawValue) answered \(reply.status) (\(reply.code ?? "no code")), which openapi.yaml does not \
                list: add it to its responses
                """
            ]
        }
        return (faults(reply, response) + (reply.status < 300 ? faults(request, operation) : [])).map {
            "\(route.rawValue), \(reply.status): \($0)"
        }
    }

    private func faults(_ reply: Reply, _ response: Doc) -> [String] {
        let given = reply.field("Content-Type") ?? ""
        let type = String(given.prefix { $0 != ";" })
        guard let content = response["content"]?[type] else {
            return ["Content-Type \(type) is not in openapi.yaml"]
        }
        let named = Set((response["headers"]?.fields ?? []).map { $0.key.lowercased() })
        let unnamed = reply.fields.map(\.name.canonicalName).filter {
            Contract.telling.contains($0) && !named.contains($0)
        }
        let missing = Contract.needed(reply.status).filter { reply.field($0) == nil }
        return unnamed.map { "the header \($0) is not in openapi.yaml" }
            + missing.map { "the header \($0) is missing" } + faults(reply.body, type, content)
    }

    private func faults(_ body: [UInt8], _ type: String, _ content: Doc) -> [String] {
        guard type.hasSuffix("json"), let schema = content["schema"] else { return [] }
        guard let value = try? JSONScanner.value(of: body, maxDepth: 32) else { return ["not strict JSON"] }
        return SchemaCheck(components: components, objects: .closed).faults(value, schema)
    }

    /// What was done must be what the document lets be asked.
    private func faults(_ request: TestRequest, _ operation: Operation) -> [String] {
        let query = request.path.split(separator: "?").dropFirst().flatMap { $0.split(separator: "&") }
            .map { String($0.prefix { $0 != "=" }) }
        let parameters = (operation.doc["parameters"]?.items ?? []).filter { $0["in"]?.text == "query" }
        let known = Set(parameters.compactMap { $0["name"]?.text })
        let unknown = query.filter { !known.contains($0) }.map {
            "the query \($0) is not in openapi.yaml"
        }
        guard !request.body.isEmpty else { return unknown }
        if let form = operation.form {
            let sent = String(decoding: request.body, as: UTF8.self).split(separator: "&")
                .map { String($0.prefix { $0 != "=" }) }
            let named = Set((form["properties"]?.fields ?? []).map(\.key))
            return unknown + sent.filter { !named.contains($0) }.map { "\($0) is not in openapi.yaml" }
        }
        guard let schema = operation.request else { return unknown + ["openapi.yaml names no body"] }
        guard let value = try? JSONScanner.value(of: request.body, maxDepth: 32) else {
            return unknown + ["the body is not strict JSON"]
        }
        return unknown + SchemaCheck(components: components, objects: .open).faults(value, schema)
    }

    /// Header fields that say something of this answer.
    private static let telling: Set = [
        "keyreeve-request-id", "keyreeve-ledger-index", "keyreeve-tree-size", "keyreeve-serial",
        "retry-after", "allow", "www-authenticate",
    ]

    private static func needed(_ status: Int) -> [String] {
        switch status {
        case 401: ["Keyreeve-Request-Id"]
        case 429: ["Keyreeve-Request-Id", "Retry-After"]
        default: ["Keyreeve-Request-Id"]
        }
    }
}

extension Contract.Operation {
    fileprivate init(_ line: String, _ doc: Doc, _ check: SchemaCheck) {
        self.line = line
        self.doc = doc
        name = doc["operationId"]?.text ?? ""
        access = doc["x-access"]?.text ?? ""
        security = Set((doc["security"]?.items ?? []).flatMap { $0.fields.map(\.key) })
        var responses: [Int: Doc] = [:]
        for response in doc["responses"]?.fields ?? [] {
            guard let status = Int(response.key) else { continue }
            responses[status] = response.value["$ref"].flatMap(check.resolved) ?? response.value
        }
        self.responses = responses
    }
}
