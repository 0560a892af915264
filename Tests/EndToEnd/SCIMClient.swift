import Foundation

/// What an identity provider would say, by curl. The token stands in a file.
struct SCIMClient {
    let house: Installation
    private let header: String
    /// For the tester of others.
    let token: String

    /// - Parameter provisioner: Made by the house's admin if it is new.
    init(_ house: Installation, as provisioner: String, further: [String] = []) async throws {
        self.house = house
        let file = house.scratch.path("\(provisioner)-\(UUID().uuidString)")
        let made = try await house.reeve(["scim", "token", provisioner, "-o", file] + further)
        guard made.status == 0 else { throw Failure("scim token: \(made.errors)") }
        token = String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
            .trimmingCharacters(in: .newlines)
        header = try house.scratch.write(
            "Authorization: Bearer \(token)\n", to: "header-\(UUID().uuidString)")
    }

    struct Answer {
        let status: Int
        let text: String
        let head: String

        subscript(key: String) -> Any? {
            (try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])?[key]
        }
        var id: String { self["id"] as? String ?? "" }
        var kind: String? { self["scimType"] as? String }
        var resources: [[String: Any]] { self["Resources"] as? [[String: Any]] ?? [] }
    }

    @discardableResult
    func send(
        _ method: String, _ path: String, _ body: String? = nil, further: [String] = []
    ) async throws -> Answer {
        let (out, head) = (house.scratch.path(UUID().uuidString), house.scratch.path(UUID().uuidString))
        var arguments = [
            "-sk", "-X", method, "-o", out, "-D", head, "-w", "%{http_code}", "-H", "@\(header)",
        ]
        if let body {
            let file = try house.scratch.write(body, to: UUID().uuidString)
            arguments += ["-H", "Content-Type: application/scim+json", "--data-binary", "@\(file)"]
        }
        let curl = try await Program.run(
            "/usr/bin/curl", arguments + further + ["\(house.url)/scim/v2\(path)"])
        func text(_ path: String) -> String {
            String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        }
        return Answer(status: Int(curl.output) ?? 0, text: text(out), head: text(head))
    }

    func addUser(_ userName: String, _ more: String = "") async throws -> Answer {
        try await send(
            "POST", "/Users",
            #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"\#(userName)"\#(more)}"#)
    }

    func addGroup(_ name: String, _ members: [String] = []) async throws -> Answer {
        let values = members.map { #"{"value":"\#($0)"}"# }.joined(separator: ",")
        return try await send(
            "POST", "/Groups",
            #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"\#(name)","members":[\#(values)]}"#
        )
    }

    func patch(_ path: String, _ operations: String, further: [String] = []) async throws -> Answer {
        try await send(
            "PATCH", path,
            #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[\#(operations)]}"#,
            further: further)
    }
}
