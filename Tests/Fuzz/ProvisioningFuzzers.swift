import AuthorityAPI

/// What providers push: SCIM 2.0. The first byte says which type of resource is meant.
let provisioningFuzzers: [Fuzzer] = [
    Fuzzer("scimFilter", longest: 1024) { input in
        guard let (type, text) = scim(input) else { return }
        let filter = try? SCIMFilterParser.filter(String(decoding: text, as: UTF8.self), of: type)
        guard let filter, let resource = scimResource(type) else { return }
        let matches = filter.matches(resource)
        promise(SCIMFilter.not(filter).matches(resource) != matches, "it holds or it does not")
        promise(SCIMFilter.and(filter, filter).matches(resource) == matches, "and always the same way")
    },
    Fuzzer("scimPath", longest: 1024) { input in
        guard let (type, text) = scim(input) else { return }
        let path = try? SCIMFilterParser.path(String(decoding: text, as: UTF8.self), of: type)
        guard let path, let filter = path.filter else { return }
        promise(path.target.attribute.isMultiValued, "brackets choose among many")
        _ = (filter.equalities, filter.soleValue(of: "value"))
    },
    Fuzzer("scimPatch", longest: 2048) { input in
        guard let (type, text) = scim(input), let message = try? JSONValue.read(text),
            let resource = scimResource(type), let patch = try? SCIMPatch(message, of: type),
            let after = try? patch.applied(to: resource)
        else { return }
        promise(try JSONValue.read(after.encoded) == after, "what is written is read again")
        promise(after["id"] == resource["id"], "what the server sets stays")
    },
    Fuzzer("scimResource", longest: 2048) { input in
        guard let (type, text) = scim(input), let sent = try? JSONValue.read(text),
            let resource = try? type.read(sent)
        else { return }
        promise(try JSONValue.read(resource.encoded) == resource, "what is written is read again")
        promise(resource["id"] == nil && resource["meta"] == nil, "the server's own is not a client's")
    },
]

private func scim(_ input: [UInt8]) -> (SCIMResourceType, [UInt8])? {
    guard let first = input.first else { return nil }
    return (first == UInt8(ascii: "g") ? .group : .user, Array(input.dropFirst()))
}

private func scimResource(_ type: SCIMResourceType) -> JSONValue? {
    let text =
        switch type {
        case .user:
            #"{"id":"7","userName":"dana","active":true,"name":{"familyName":"D"},"emails":[{"value":"d@example.com","type":"work","primary":true}]}"#
        case .group: #"{"id":"8","displayName":"ops","members":[{"value":"1"},{"value":"2"}]}"#
        }
    return try? JSONValue.read(Array(text.utf8))
}
