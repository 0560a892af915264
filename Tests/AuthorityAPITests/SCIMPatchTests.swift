import Testing

@testable import AuthorityAPI

@Suite struct `A patch of SCIM` {
    private static let user = #"""
        {"userName":"dana","active":true,"name":{"familyName":"Ray"},
         "emails":[{"value":"d@work.org","type":"work","primary":true},{"value":"d@home.org","type":"home"}]}
        """#
    private static let group = #"{"displayName":"Web","members":[{"value":"1"},{"value":"2"}]}"#

    private func patched(
        _ operations: String, _ resource: String, _ type: SCIMResourceType
    ) throws -> JSONValue {
        let text = #"{"schemas":["\#(SCIMPatch.schema)"],"Operations":[\#(operations)]}"#
        return try SCIMPatch(try JSONValue.read(Array(text.utf8)), of: type)
            .applied(to: try JSONValue.read(Array(resource.utf8)))
    }

    private func sorted(_ value: JSONValue) -> String {
        switch value {
        case .object(let fields):
            "{" + fields.map { "\($0.key):\(sorted($0.value))" }.sorted().joined(separator: ",") + "}"
        case .array(let elements): "[" + elements.map(sorted).joined(separator: ",") + "]"
        default: String(decoding: value.encoded, as: UTF8.self)
        }
    }

    /// What is done, and the attribute that it changes, afterwards.
    struct Case: Sendable, CustomTestStringConvertible {
        let operations: String
        let attribute: String
        let after: String?
        var testDescription: String { operations }
    }

    @Test(arguments: [
        // Entra's booleans, Okta's lack of a path.
        Case(
            operations: #"{"op":"Replace","path":"active","value":"False"}"#, attribute: "active",
            after: "false"),
        Case(operations: #"{"op":"replace","value":{"active":false}}"#, attribute: "active", after: "false"),
        Case(
            operations: #"{"op":"replace","value":{"id":"x","schemas":[],"meta":{},"active":false}}"#,
            attribute: "active", after: "false"),
        Case(
            operations: #"{"op":"add","value":{"name.givenName":"Dana","title":"Boss"}}"#, attribute: "name",
            after: #"{familyName:"Ray",givenName:"Dana"}"#),
        Case(
            operations: #"{"op":"add","path":"name","value":{"givenName":"D"}}"#, attribute: "name",
            after: #"{familyName:"Ray",givenName:"D"}"#),
        Case(operations: #"{"op":"remove","path":"name.familyName"}"#, attribute: "name", after: nil),
        Case(
            operations: #"{"op":"Replace","path":"emails[type eq \"work\"].value","value":"n@work.org"}"#,
            attribute: "emails",
            after:
                #"[{primary:true,type:"work",value:"n@work.org"},{type:"home",value:"d@home.org"}]"#),
        Case(
            operations:
                #"{"op":"Add","path":"emails[type eq \"other\"].value","value":"o@o.org"},{"op":"remove","path":"emails[type ne \"other\"]"}"#,
            attribute: "emails", after: #"[{type:"other",value:"o@o.org"}]"#),
        Case(
            operations:
                #"{"op":"add","path":"emails","value":[{"value":"n@n.org","type":"work","primary":true}]}"#,
            attribute: "emails",
            after:
                #"[{type:"work",value:"d@work.org"},{type:"home",value:"d@home.org"},{primary:true,type:"work",value:"n@n.org"}]"#
        ),
        Case(operations: #"{"op":"remove","path":"emails"}"#, attribute: "emails", after: nil),
        Case(operations: #"{"op":"replace","path":"emails","value":[]}"#, attribute: "emails", after: nil),
        Case(operations: #"{"op":"remove","path":"active"}"#, attribute: "active", after: nil),
        Case(
            operations:
                #"{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User:displayName","value":"D"}"#,
            attribute: "displayName", after: #""D""#),
        // Of standard schemas, and not kept here.
        Case(
            operations:
                #"{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"x"},{"op":"Add","path":"addresses[type eq \"work\"].formatted","value":"x"},{"op":"Add","path":"title","value":"x"}"#,
            attribute: "displayName", after: nil),
    ]) func `changes a user`(_ one: Case) throws {
        let after = try patched(one.operations, Self.user, .user)[one.attribute]
        #expect(after.map(sorted) == one.after)
    }

    @Test(arguments: [
        Case(
            operations: #"{"op":"add","path":"members","value":[{"value":"3"},{"value":"2"}]}"#,
            attribute: "123", after: ""),
        Case(
            operations: #"{"op":"Add","path":"members","value":{"value":"3"}}"#, attribute: "123", after: ""),
        Case(
            operations: #"{"op":"Remove","path":"members","value":[{"value":"1"}]}"#, attribute: "2",
            after: ""),
        Case(operations: #"{"op":"remove","path":"members[value eq \"2\"]"}"#, attribute: "1", after: ""),
        Case(operations: #"{"op":"remove","path":"members[value eq \"9\"]"}"#, attribute: "12", after: ""),
        Case(
            operations: #"{"op":"replace","path":"members","value":[{"value":"4"}]}"#, attribute: "4",
            after: ""),
        Case(operations: #"{"op":"remove","path":"members"}"#, attribute: "", after: ""),
        Case(
            operations: #"{"op":"replace","value":{"id":"x","displayName":"Web","members":[{"value":"7"}]}}"#,
            attribute: "7", after: ""),
    ]) func `changes members`(_ one: Case) throws {
        let members = try patched(one.operations, Self.group, .group)["members"]?.elements ?? []
        #expect(members.compactMap { $0["value"]?.text }.joined() == one.attribute)
    }

    @Test(arguments: [
        (#"{"op":"move","path":"active"}"#, SCIMError.Kind.invalidSyntax), ("", .invalidSyntax),
        (#"{"op":"remove"}"#, .noTarget), (#"{"op":"replace","path":"nothing","value":1}"#, .invalidPath),
        (#"{"op":"replace","path":"emails[","value":1}"#, .invalidPath),
        (#"{"op":"replace","path":"name[familyName eq \"a\"]","value":1}"#, .invalidPath),
        (#"{"op":"replace","path":7,"value":1}"#, .invalidPath),
        (#"{"op":"replace","path":"id","value":"x"}"#, .mutability),
        (#"{"op":"remove","path":"userName"}"#, .mutability),
        (#"{"op":"add","path":"groups","value":[{"value":"x"}]}"#, .mutability),
        (#"{"op":"replace","path":"active","value":"yes"}"#, .invalidValue),
        (#"{"op":"replace","path":"active"}"#, .invalidValue),
        (#"{"op":"replace","value":"x"}"#, .invalidValue),
        (#"{"op":"replace","path":"userName","value":{"a":1}}"#, .invalidValue),
        (#"{"op":"replace","path":"displayName","value":"\u0000"}"#, .invalidValue),
        (
            #"{"op":"replace","path":"emails","value":[{"value":"a","primary":true},{"value":"b","primary":true}]}"#,
            .invalidValue
        ),
    ]) func `is refused where it cannot be done`(_ operations: String, _ kind: SCIMError.Kind) {
        #expect { try patched(operations, Self.user, .user) } throws: { ($0 as? SCIMError)?.kind == kind }
    }

    @Test func `makes nothing of members that are not there`() {
        #expect {
            try patched(
                #"{"op":"replace","path":"members[value eq \"9\"].type","value":"User"}"#, Self.group, .group)
        } throws: { ($0 as? SCIMError)?.kind == .noTarget }
    }

    @Test func `is bounded`() {
        let many = Array(repeating: #"{"op":"remove","path":"active"}"#, count: 1_001).joined(separator: ",")
        #expect { try patched(many, Self.user, .user) } throws: { ($0 as? SCIMError)?.kind == .invalidSyntax }
    }
}
