/// The documents that tell clients what there is (RFC 7644 §4).
package struct SCIMDiscovery: Sendable {
    /// `https://ca.example.com/scim/v2`.
    let base: String

    package init(base: String) { self.base = base }

    package var configuration: JSONValue {
        .members([
            ("schemas", .texts([Self.core + "ServiceProviderConfig"])),
            ("patch", .members([("supported", .bool(true))])),
            (
                "bulk",
                .members([
                    ("supported", .bool(false)), ("maxOperations", .number("0")),
                    ("maxPayloadSize", .number("0")),
                ])
            ),
            (
                "filter",
                .members([("supported", .bool(true)), ("maxResults", .number(String(SCIMSearch.most)))])
            ),
            ("changePassword", .members([("supported", .bool(false))])),
            ("sort", .members([("supported", .bool(true))])),
            ("etag", .members([("supported", .bool(true))])),
            (
                "authenticationSchemes",
                .array([
                    .members([
                        ("type", .string("oauthbearertoken")), ("name", .string("Bearer token")),
                        ("description", .string("A token that `reeve scim token` printed.")),
                        ("specUri", .string("https://www.rfc-editor.org/info/rfc6750")),
                        ("primary", .bool(true)),
                    ])
                ])
            ),
            ("meta", meta("ServiceProviderConfig", "/ServiceProviderConfig")),
        ])
    }

    package var resourceTypes: [JSONValue] {
        SCIMResourceType.allCases.map { type in
            .members([
                ("schemas", .texts([Self.core + "ResourceType"])), ("id", .string(type.rawValue)),
                ("name", .string(type.rawValue)), ("endpoint", .string("/" + type.endpoint)),
                ("schema", .string(type.schema)),
                ("meta", meta("ResourceType", "/ResourceTypes/" + type.rawValue)),
            ])
        }
    }

    package var schemas: [JSONValue] {
        SCIMResourceType.allCases.map { schema($0.schema, $0.rawValue, $0.attributes) }
            + [schema(SCIMResourceType.keyreeve, "KeyreeveUser", SCIMResourceType.user.extensionAttributes)]
            + Self.ofDiscovery.map { schema(Self.core + $0.name, $0.name, $0.attributes) }
    }

    /// One of a list of documents.
    package static func one(_ id: String, of documents: [JSONValue]) -> JSONValue? {
        documents.first { $0["id"]?.text?.lowercased() == id.lowercased() }
    }

    private func schema(_ id: String, _ name: String, _ attributes: [SCIMAttribute]) -> JSONValue {
        .members([
            ("schemas", .texts([Self.core + "Schema"])), ("id", .string(id)), ("name", .string(name)),
            ("description", .string(name)), ("attributes", .array(attributes.map(\.document))),
            ("meta", meta("Schema", "/Schemas/" + id)),
        ])
    }

    private func meta(_ type: String, _ path: String) -> JSONValue {
        .members([("resourceType", .string(type)), ("location", .string(base + path))])
    }

    private static let core = "urn:ietf:params:scim:schemas:core:2.0:"

    /// The schemas of these documents themselves, as far as they are used here (RFC 7643 §5, §6, §7).
    private static let ofDiscovery: [(name: String, attributes: [SCIMAttribute])] = [
        (
            "ServiceProviderConfig",
            ["patch", "bulk", "filter", "changePassword", "sort", "etag"].map { name in
                told(name, "Whether it can be used.") {
                    $0.kind = .complex
                    $0.isRequired = true
                    $0.parts = [told("supported", "Whether it can be used.") { $0.kind = .boolean }]
                }
            } + [
                told("authenticationSchemes", "How clients prove who they are.") {
                    $0.kind = .complex
                    $0.isMultiValued = true
                    $0.parts = [told("type", "The scheme."), told("name", "Its name.")]
                }
            ]
        ),
        (
            "ResourceType",
            [
                told("name", "The name of the type.") { $0.isRequired = true },
                told("endpoint", "Where its resources are.") {
                    $0.kind = .reference
                    $0.referenceTypes = ["uri"]
                },
                told("schema", "Its schema.") {
                    $0.kind = .reference
                    $0.referenceTypes = ["uri"]
                },
            ]
        ),
        (
            "Schema",
            [
                told("name", "The name of the schema.") { $0.isRequired = true },
                told("description", "What it is for."),
                told("attributes", "Its attributes.") {
                    $0.kind = .complex
                    $0.isMultiValued = true
                    $0.parts = [told("name", "The attribute's name."), told("type", "Its type.")]
                },
            ]
        ),
    ]

    private static func told(
        _ name: String, _ description: String, _ adjust: (inout SCIMAttribute) -> Void = { _ in }
    ) -> SCIMAttribute {
        SCIMAttribute(name, description) {
            $0.mutability = .readOnly
            adjust(&$0)
        }
    }
}
