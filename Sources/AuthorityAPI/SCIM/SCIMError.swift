/// Why a request of the provisioning protocol is refused (RFC 7644 §3.12).
package struct SCIMError: Error, Hashable, Sendable {
    /// `scimType`.
    package enum Kind: String, Hashable, Sendable {
        case invalidFilter, tooMany, uniqueness, mutability, invalidSyntax, invalidPath, noTarget,
            invalidValue
    }

    package let status: Int
    package let kind: Kind?
    /// A sentence that names attributes, never what they hold.
    package let detail: String

    package init(_ status: Int, _ kind: Kind? = nil, _ detail: String) {
        self.status = status
        self.kind = kind
        self.detail = detail
    }

    package static func invalid(_ kind: Kind, _ detail: String) -> SCIMError { SCIMError(400, kind, detail) }

    package static let schema = "urn:ietf:params:scim:api:messages:2.0:Error"

    package var message: JSONValue {
        .members([
            ("schemas", .texts([SCIMError.schema])), ("status", .string(String(status))),
            ("scimType", kind.map { .string($0.rawValue) }), ("detail", .string(detail)),
        ])
    }
}
