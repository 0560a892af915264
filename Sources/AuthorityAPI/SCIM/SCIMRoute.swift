/// What providers can call below `/scim/v2` (RFC 7644 §3.2). `openapi.yaml` says the same.
public enum SCIMRoute: String, Hashable, Sendable, CaseIterable {
    case scimConfig = "GET /scim/v2/ServiceProviderConfig"
    case scimResourceTypes = "GET /scim/v2/ResourceTypes"
    case scimResourceType = "GET /scim/v2/ResourceTypes/{id}"
    case scimSchemas = "GET /scim/v2/Schemas"
    case scimSchema = "GET /scim/v2/Schemas/{id}"
    case scimUsers = "GET /scim/v2/Users"
    case scimUserAdd = "POST /scim/v2/Users"
    case scimUser = "GET /scim/v2/Users/{id}"
    case scimUserReplace = "PUT /scim/v2/Users/{id}"
    case scimUserPatch = "PATCH /scim/v2/Users/{id}"
    case scimUserRemove = "DELETE /scim/v2/Users/{id}"
    case scimUserSearch = "POST /scim/v2/Users/.search"
    case scimGroups = "GET /scim/v2/Groups"
    case scimGroupAdd = "POST /scim/v2/Groups"
    case scimGroup = "GET /scim/v2/Groups/{id}"
    case scimGroupReplace = "PUT /scim/v2/Groups/{id}"
    case scimGroupPatch = "PATCH /scim/v2/Groups/{id}"
    case scimGroupRemove = "DELETE /scim/v2/Groups/{id}"
    case scimGroupSearch = "POST /scim/v2/Groups/.search"
    case scimSearch = "POST /scim/v2/.search"

    /// What all of them begin with.
    public static let base = "/scim/v2"

    public var method: String { String(rawValue.prefix { $0 != " " }) }
    /// With `{id}` where an id stands.
    public var path: String { String(rawValue.drop { $0 != " " }.dropFirst()) }

    /// Whose resources it is about; nil for documents and for a search among all.
    package var type: SCIMResourceType? {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? SCIMResourceType(endpoint: String(parts[2])) : nil
    }

    /// Those at a path, by any method, with the id that stands in it. Nothing is decoded or folded.
    package static func at(_ path: Substring) -> (routes: [SCIMRoute], id: String?) {
        let exact = allCases.filter { $0.path == path }
        guard exact.isEmpty, let slash = path.lastIndex(of: "/") else { return (exact, nil) }
        let id = path[path.index(after: slash)...]
        guard (1...128).contains(id.utf8.count) else { return ([], nil) }
        let template = path[...slash] + "{id}"
        return (allCases.filter { $0.path == template }, String(id))
    }
}
