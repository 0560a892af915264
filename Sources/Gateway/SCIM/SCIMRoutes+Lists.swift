import Authority
import AuthorityAPI
import Names

extension SCIMRoutes {
    /// Resources that are put in order at once.
    private static let mostSorted = 20_000

    func document(_ document: JSONValue, _ call: SCIMCall) throws(SCIMError) -> SCIMAnswer {
        try unfiltered(call)
        return SCIMAnswer(body: document)
    }

    func documents(_ documents: [JSONValue], _ call: SCIMCall) throws(SCIMError) -> SCIMAnswer {
        try unfiltered(call)
        return SCIMAnswer(body: list(documents, total: documents.count, from: 1))
    }

    func one(of documents: [JSONValue], _ call: SCIMCall) throws(SCIMError) -> SCIMAnswer {
        try unfiltered(call)
        guard let found = SCIMDiscovery.one(call.id ?? "", of: documents) else {
            throw SCIMError(404, nil, "no such document")
        }
        return SCIMAnswer(body: found)
    }

    /// RFC 7644 §4.
    private func unfiltered(_ call: SCIMCall) throws(SCIMError) {
        guard !call.query.contains(where: { $0.name.lowercased() == "filter" }) else {
            throw SCIMError(403, nil, "filter: not for these documents")
        }
    }

    /// One page of what matches, in the order of ids where no other is asked for.
    func list(
        _ types: [SCIMResourceType], _ search: SCIMSearch, _ call: SCIMCall
    ) async throws -> SCIMAnswer {
        let projection = try SCIMProjection(
            only: search.attributes, without: search.excludedAttributes, of: types)
        var page = SCIMPage(search)
        for type in types {
            let filter = try search.filter.map { try SCIMFilterParser.filter($0, of: type) }
            let order = try search.sortBy.map {
                try SCIMOrder($0, of: type, isDescending: search.isDescending)
            }
            var sorted: [JSONValue] = []
            try await each(type, filter, call) { resource in
                guard filter?.matches(resource) ?? true else { return }
                guard order != nil else { return page.add(resource) }
                sorted.append(resource)
                guard sorted.count <= Self.mostSorted else {
                    throw SCIMError.invalid(
                        .tooMany, "more than \(Self.mostSorted) to be sorted: filter them")
                }
            }
            for resource in order?.sorted(sorted) ?? [] { page.add(resource) }
        }
        return SCIMAnswer(
            body: list(page.resources.map(projection.applied), total: page.total, from: search.startIndex))
    }

    private func list(_ resources: [JSONValue], total: Int, from start: Int) -> JSONValue {
        .members([
            ("schemas", .texts([SCIMSearch.listSchema])), ("totalResults", .number(String(total))),
            ("startIndex", .number(String(start))), ("itemsPerPage", .number(String(resources.count))),
            ("Resources", .array(resources)),
        ])
    }

    /// Those that may match: found by what the filter says is equal, or all.
    private func each(
        _ type: SCIMResourceType, _ filter: SCIMFilter?, _ call: SCIMCall,
        _ take: (JSONValue) throws -> Void
    ) async throws {
        let resources = SCIMResources(base: call.base)
        var key = filter.flatMap { Self.key(of: $0, type) } ?? .after(nil)
        while true {
            let last: String?
            let isWhole: Bool
            switch type {
            case .user:
                let found = try await authority.provisioning.persons(key, by: call.caller)
                for person in found { try take(resources.resource(person)) }
                (last, isWhole) = (found.last?.id, found.count < 200)
            case .group:
                let found = try await authority.groupProvisioning.groups(key, by: call.caller)
                for group in found { try take(resources.resource(group)) }
                (last, isWhole) = (found.last?.id, found.count < 50)
            }
            guard case .after = key, !isWhole else { return }
            key = .after(last)
        }
    }

    private static func key(of filter: SCIMFilter, _ type: SCIMResourceType) -> ProvisionedQuery.Key? {
        if let id = filter.soleValue(of: "id") { return .id(id) }
        if let id = filter.soleValue(of: "externalId") { return .externalId(id) }
        switch type {
        case .user: return filter.soleValue(of: "userName").map { .name(PersonDraft(userName: $0).key) }
        case .group:
            return filter.soleValue(of: "displayName").flatMap { text in
                (try? GroupDraft(displayName: text).name).map { .name($0.text) }
            }
        }
    }
}

/// The part of all that match which is asked for.
private struct SCIMPage {
    private let first: Int
    private let most: Int
    private(set) var resources: [JSONValue] = []
    private(set) var total = 0

    init(_ search: SCIMSearch) {
        first = search.startIndex
        most = search.count
    }

    mutating func add(_ resource: JSONValue) {
        total += 1
        if total >= first, resources.count < most { resources.append(resource) }
    }
}

/// By which attribute a list is sorted (RFC 7644 §3.4.2.3): what has none comes last.
private struct SCIMOrder {
    private let path: SCIMPath
    private let isDescending: Bool

    init(_ text: String, of type: SCIMResourceType, isDescending: Bool) throws(SCIMError) {
        guard let path = try SCIMFilterParser.path(text, of: type), path.filter == nil else {
            throw .invalid(.invalidPath, "sortBy: an attribute that is kept here")
        }
        self.path = path
        self.isDescending = isDescending
    }

    func sorted(_ resources: [JSONValue]) -> [JSONValue] {
        let keyed = resources.map { (key: path.target.sortKey(of: $0), resource: $0) }
        let present = keyed.filter { $0.key != nil }.sorted { one, other in
            let (one, other) = (one.key ?? "", other.key ?? "")
            return isDescending
                ? other.utf8.lexicographicallyPrecedes(one.utf8)
                : one.utf8.lexicographicallyPrecedes(other.utf8)
        }
        return (present + keyed.filter { $0.key == nil }).map(\.resource)
    }
}
