import Authority
import AuthorityAPI
import Names
import SSHFormats
import TestKit
import Testing

@testable import Gateway

@Suite struct `The door for provisioners` {
    private static let user = "urn:ietf:params:scim:schemas:core:2.0:User"
    private static let group = "urn:ietf:params:scim:schemas:core:2.0:Group"

    private func door(_ adjust: (inout GatewayConfiguration) -> Void = { _ in }) async throws -> TestDoor {
        let door = try await TestDoor(adjust: adjust)
        try await door.addProvisioner()
        return door
    }

    private func request(
        _ method: String, _ path: String, _ body: String = "", token: String? = TestDoor.provisionerToken,
        further: [(String, String)] = []
    ) -> TestRequest {
        var request = TestRequest(.livez)
        request.method = method
        request.path = "/scim/v2" + path
        request.body = Array(body.utf8)
        if let token { request.fields.append(("Authorization", "Bearer \(token)")) }
        if !body.isEmpty { request.fields.append(("Content-Type", "application/scim+json")) }
        request.fields += further
        return request
    }

    private func added(_ userName: String, _ more: String = "", _ door: TestDoor) async throws -> JSONValue {
        let reply = try await door.send(
            request("POST", "/Users", #"{"schemas":["\#(Self.user)"],"userName":"\#(userName)"\#(more)}"#))
        #expect(reply.status == 201, "\(reply.text)")
        return try JSONValue.read(reply.body)
    }

    private func kind(_ reply: Reply) -> String? {
        (try? JSONValue.read(reply.body))?["scimType"]?.text
    }

    @Test(arguments: [
        nil, "", "x", TestDoor.provisionerToken + "x", String(repeating: "a", count: 300), "a b",
    ])
    func `answers every wrong token the same, whatever is asked for`(_ token: String?) async throws {
        let door = try await door()
        var texts: Set<String> = []
        for path in ["/Users", "/Users/1", "/Nothing", "/Schemas", "/Users?filter=(((("] {
            let reply = try await door.send(request("GET", path, token: token))
            #expect(reply.status == 401)
            #expect(reply.field("WWW-Authenticate") == "Bearer realm=\"scim\"")
            #expect(reply.field("Content-Type") == "application/scim+json")
            texts.insert(reply.text)
        }
        #expect(texts.count == 1)
        #expect(!door.lines.text.contains("canary"))
    }

    @Test func `takes its token by no other scheme, and for no other route`() async throws {
        let door = try await door()
        for scheme in ["DPoP", "Basic", ""] {
            let fields = [("Authorization", "\(scheme) \(TestDoor.provisionerToken)")]
            #expect(try await door.send(request("GET", "/Users", token: nil, further: fields)).status == 401)
        }
        let twice = [("Authorization", "Bearer \(TestDoor.provisionerToken)")]
        #expect(try await door.send(request("GET", "/Users", further: twice)).status == 401)
        var other = TestRequest(.identities)
        other.fields.append(("Authorization", "Bearer \(TestDoor.provisionerToken)"))
        #expect(try await door.send(other).status == 401)
        #expect(try await door.send(request("GET", "/Users?access_token=x", token: nil)).status == 401)
    }

    @Test func `ends with the token, its time, and its service`() async throws {
        let door = try await door()
        #expect(try await door.send(request("GET", "/Users")).status == 200)
        let corp = try IdentityID("service:corp")
        var identity = try #require(await door.store.identity(corp))
        identity.status = .suspended
        _ = try await door.store.record(Entry([.identityChanged(identity)], event: nil))
        #expect(try await door.send(request("GET", "/Users")).status == 401)
        identity.status = .active
        _ = try await door.store.record(Entry([.identityChanged(identity)], event: nil))
        let late = ProvisionerToken(
            id: "71", provisioner: corp, tokenHash: TokenHash.of("late"), madeBy: try IdentityID("alice"),
            madeAt: TestDoor.now, notAfter: TestDoor.now.advanced(by: -1))
        _ = try await door.store.record(Entry([.provisioned(.tokenMade(late))], event: nil))
        #expect(try await door.send(request("GET", "/Users", token: "late")).status == 401)
        _ = try await door.store.record(
            Entry([.provisioned(.tokensEnded(of: corp, id: "70c3", at: TestDoor.now))], event: nil))
        #expect(try await door.send(request("GET", "/Users")).status == 401)
    }

    @Test func `is limited as the others are, and looks at no host name but its own`() async throws {
        let door = try await door { $0.requestsPerIdentity = 1 }
        for _ in 0..<10 { _ = try await door.send(request("GET", "/Users")) }
        let many = try await door.send(request("GET", "/Users"))
        #expect(many.status == 429 && many.field("Retry-After") != nil, "\(many.text)")
        let guessed = try await self.door { $0.requestsPerSource = 1 }
        for _ in 0..<10 { _ = try await guessed.send(request("GET", "/Users", token: "x")) }
        #expect(try await guessed.send(request("GET", "/Users", token: "x")).status == 429)
        var stranger = request("GET", "/Users")
        stranger.host = "evil.example.com"
        #expect(try await self.door().send(stranger).status == 421)
    }

    @Test(arguments: [
        "", "[]", "null", "7", "{", #"{"userName":"dana"}"#, #"{"schemas":["x"],"userName":"dana"}"#,
        #"{"schemas":["\#(user)"]}"#, #"{"schemas":["\#(user)"],"userName":7}"#,
        #"{"schemas":["\#(user)"],"userName":"dana","username":"bob"}"#,
        #"{"schemas":["\#(user)"],"userName":"dana","userName":"bob"}"#,
        #"{"schemas":["\#(user)"],"userName":"dana","active":"yes"}"#,
        #"{"schemas":["\#(user)"],"userName":"dana","emails":{"value":{}}}"#,
        #"{"schemas":["\#(user)"],"userName":"da na"}"#,
        #"{"schemas":["\#(user)"],"userName":"@example.com"}"#,
        #"{"schemas":["\#(user)"],"userName":"../dana"}"#,
        #"{"schemas":["\#(user)"],"userName":"dana\r\nx"}"#,
        #"{"schemas":["\#(user)"],"userName":"-dana"}"#, #"{"schemas":["\#(user)"],"userName":"d\u0131na"}"#,
        #"{"schemas":["\#(user)"],"userName":"\#(String(repeating: "a", count: 64))"}"#,
        #"{"schemas":["\#(user)"],"userName":"dana","x":\#(String(repeating: "[", count: 40) + String(repeating: "]", count: 40))}"#,
    ])
    func `makes nobody of what is no user`(_ body: String) async throws {
        let door = try await door()
        let type = body.isEmpty ? [("Content-Type", "application/scim+json")] : []
        let reply = try await door.send(request("POST", "/Users", body, further: type))
        #expect(reply.status == 400, "\(reply.text)")
        #expect(["invalidValue", "invalidSyntax"].contains(kind(reply) ?? ""), "\(reply.text)")
        let list = try JSONValue.read(try await door.send(request("GET", "/Users")).body)
        #expect(list["totalResults"] == .number("0"))
    }

    @Test func `takes root for a name and never for a login`() async throws {
        let door = try await door()
        let root = try await added("root@example.com", "", door)
        #expect(root[SCIMResourceType.keyreeve] == nil)
        let path = "/Users/\(root["id"]?.text ?? "")?attributes=\(SCIMResourceType.keyreeve)"
        let own = try JSONValue.read(try await door.send(request("GET", path)).body)
        #expect(own[SCIMResourceType.keyreeve]?["identity"]?.text == "root")
        #expect(own[SCIMResourceType.keyreeve]?["login"] == nil)
    }

    @Test func `changes nothing for a stale ETag`() async throws {
        let door = try await door()
        let dana = try await added("dana@example.com", "", door)
        let path = "/Users/\(dana["id"]?.text ?? "")"
        let off = """
            {"schemas":["\(SCIMPatch.schema)"],"Operations":[{"op":"replace","path":"active","value":false}]}
            """
        let first = try await door.send(request("PATCH", path, off, further: [("If-Match", "W/\"1\"")]))
        #expect(first.status == 200 && first.field("ETag") == "W/\"2\"", "\(first.text)")
        for method in ["PATCH", "PUT", "DELETE"] {
            let stale = try await door.send(
                request(method, path, method == "DELETE" ? "" : off, further: [("If-Match", "W/\"1\"")]))
            #expect(stale.status == 412, "\(method): \(stale.text)")
        }
        let same = try await door.send(request("GET", path, further: [("If-None-Match", "W/\"2\"")]))
        #expect(same.status == 304 && same.body.isEmpty)
        #expect(try await door.send(request("DELETE", path, further: [("If-Match", "*")])).status == 204)
    }

    @Test func `lists by pages, in an order, and shows what is asked for`() async throws {
        let door = try await door()
        for name in ["carl", "anna", "Bert"] {
            _ = try await added(name, #","displayName":"\#(name)""#, door)
        }
        func list(_ query: String) async throws -> JSONValue {
            let reply = try await door.send(request("GET", "/Users?" + query))
            #expect(reply.status == 200, "\(reply.text)")
            return try JSONValue.read(reply.body)
        }
        func names(_ list: JSONValue) -> [String] {
            (list["Resources"]?.elements ?? []).compactMap { $0["userName"]?.text }
        }
        #expect(names(try await list("sortBy=userName")) == ["anna", "Bert", "carl"])
        #expect(names(try await list("sortBy=userName&sortOrder=descending&count=2")) == ["carl", "Bert"])
        let second = try await list("sortBy=userName&startIndex=2&count=1")
        #expect(names(second) == ["Bert"] && second["totalResults"] == .number("3"))
        #expect(names(try await list("count=0")) == [])
        #expect(names(try await list("filter=userName%20eq%20%22BERT%22")) == ["Bert"])
        #expect(
            names(try await list("filter=displayName+sw+%22a%22+or+userName+eq+%22carl%22")).sorted() == [
                "anna", "carl",
            ])
        let only = try await list("attributes=displayName&filter=userName%20eq%20%22anna%22")["Resources"]?
            .elements.first
        #expect(only?.fields.map(\.key).sorted() == ["displayName", "id", "schemas"])
        let without = try await list("excludedAttributes=displayName,meta&filter=userName+eq+%22anna%22")[
            "Resources"]?.elements.first
        #expect(without?["displayName"] == nil && without?["meta"] == nil && without?["userName"] != nil)
        #expect(try await door.send(request("GET", "/Users?attributes=a&excludedAttributes=b")).status == 400)
        #expect(try await door.send(request("GET", "/Users?count=many")).status == 400)
        #expect(try await door.send(request("GET", "/Users?count=1&count=2")).status == 400)
        #expect(kind(try await door.send(request("GET", "/Users?filter=nothing+eq+1"))) == "invalidFilter")
        #expect(try await door.send(request("GET", "/Schemas?filter=id+pr")).status == 403)
    }

    @Test func `refuses what is too large, of another kind, or nowhere`() async throws {
        let door = try await door()
        var large = request("POST", "/Users", "{}")
        large.fields.append(("Content-Length", "2000000"))
        #expect(try await door.send(large).status == 413)
        var form = request("POST", "/Users", "{}")
        form.fields.removeAll { $0.0 == "Content-Type" }
        #expect(try await door.send(form).status == 415)
        let unknown = [
            "/", "", "/Bulk", "/Me", "/Users/", "/users", "/Users/a/b", "//Users", "/Users/%2e%2e",
        ]
        for path in unknown {
            #expect(try await door.send(request("GET", path)).status == 404, "\(path)")
        }
        for (method, path) in [
            ("PUT", "/Users"), ("POST", "/Schemas"), ("GET", "/Users/.search"), ("POST", "/Users/1"),
        ] {
            let reply = try await door.send(request(method, path))
            #expect(reply.status == 405, "\(method) \(path)")
            #expect(reply.field("Allow") != nil)
        }
    }

    @Test func `says of groups what a policy can name, and keeps them apart`() async throws {
        let door = try await door()
        let dana = try await added("dana", "", door)
        let id = dana["id"]?.text ?? ""
        func add(_ name: String, _ member: String) async throws -> Reply {
            try await door.send(
                request(
                    "POST", "/Groups",
                    #"{"schemas":["\#(Self.group)"],"displayName":"\#(name)","members":[{"value":"\#(member)"}]}"#
                ))
        }
        #expect(try await add("Web Team", id).status == 201)
        #expect(await door.store.identity(try IdentityID("dana"))?.groups == [try Name("web-team")])
        let same = try await add("web-TEAM", id)
        #expect(same.status == 409 && kind(same) == "uniqueness", "\(same.text)")
        #expect(kind(try await add("web/team", id)) == "invalidValue")
        #expect(kind(try await add("ops", "nobody")) == "invalidValue")
        let shown = try JSONValue.read(try await door.send(request("GET", "/Users/\(id)")).body)
        #expect(shown["groups"]?.elements.first?["display"]?.text == "Web Team")
    }
}
