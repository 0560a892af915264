import Authority
import AuthorityAPI
import TestKit
import Testing

@testable import AuthorityAPI
@testable import Gateway

/// What means something to SQL, LDAP, shells, paths, templates or terminals.
private let metacharacters = [
    "' OR 1=1 --", "\"; DROP TABLE identity; --", "\\'; --", "'||pg_sleep(9)||'", "%_", "*)(uid=*))(|(uid=*",
    ")(cn=*", "\\2a", "../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "%00", "%2e%2e%2f", "$(id)",
    "`id`",
    "|id", ";id", "-oProxyCommand=id", "a\u{0}b", "a\r\nX: y", "${jndi:ldap://x}", "{{7*7}}", "<script>",
    "\u{202e}a", "\u{1b}[31m",
]

@Suite struct `Characters that mean something elsewhere` {
    /// Each text of each route's example in turn, by what openapi.yaml says there is.
    @Test(arguments: Route.allCases.filter { $0.method == "POST" && !$0.takesForm })
    func `P06 in any field of a body are kept as they are or refused by name`(_ route: Route) async throws {
        let making = try #require(Example.all[route])
        let places = try texts(in: try await making(try await TestDoor()).request.body)
        for place in places {
            for text in metacharacters {
                let door = try await TestDoor()
                var example = try await making(door)
                let body = try JSONScanner.value(of: example.request.body, maxDepth: 32)
                example.request.body = Array(body.replacing(place[...], by: text).written.utf8)
                let reply = try await door.send(try example.signed())
                try await check(reply, place, text, door)
            }
        }
    }

    @Test func `P06 in a form are as little a part of the page as of what is kept`() async throws {
        for text in metacharacters {
            let escaped = text.utf8.map { "%" + Hexadecimal.text([$0]) }.joined()
            for field in ["request", "form", "code"] {
                let door = try await TestDoor()
                var request = try await door.typed("BCDFGHJK", try await door.waitingForBrowser())
                let fields = String(decoding: request.body, as: UTF8.self).split(separator: "&").map {
                    $0.hasPrefix("\(field)=") ? "\(field)=\(escaped)" : String($0)
                }
                request.body = Array(fields.joined(separator: "&").utf8)
                try checkCode(try await door.send(request))
            }
        }
    }

    @Test(arguments: Route.allCases)
    func `P06 in any query, path or header are refused by name`(_ route: Route) async throws {
        let operation = try #require(try Contract.published.get().operation(route))
        let making = try #require(Example.all[route])
        let names = (operation.doc["parameters"]?.items ?? []).filter { $0["in"]?.text == "query" }
            .compactMap { $0["name"]?.text }
        for text in metacharacters {
            let escaped = text.utf8.map { "%" + Hexadecimal.text([$0]) }.joined()
            for query in names.map({ "?\($0)=\(escaped)" }) + ["?\(escaped)=1"] {
                let door = try await TestDoor()
                var example = try await making(door)
                example.request.path = route.path + query
                try checkCode(try await door.send(try example.signed()))
            }
            let door = try await TestDoor()
            var example = try await making(door)
            example.request.path = route.path + "/" + escaped
            #expect(try await door.send(example.request).status == 404)
        }
    }

    private func check(_ reply: Reply, _ place: [String], _ text: String, _ door: TestDoor) async throws {
        try checkCode(reply)
        guard reply.status == 200, place == ["reason"] else { return }
        let last = try #require(await door.store.events.last)
        #expect(last.details["reason"] == .text(text))
    }

    private func checkCode(_ reply: Reply) throws {
        #expect(reply.status < 500, "\(reply.text)")
        guard reply.field("Content-Type") != "text/html; charset=utf-8" else {
            #expect(!["<script>", "\u{202e}", "\u{1b}", "{{7"].contains { reply.text.contains($0) })
            return
        }
        guard reply.status != 200 else { return }
        #expect(Failure.codes.contains(reply.code ?? ""), "\(reply.text)")
    }

    private func texts(in body: [UInt8]) throws -> [[String]] {
        try JSONScanner.value(of: body, maxDepth: 32).texts
    }
}

extension JSONValue {
    /// Where texts stand, by keys and positions.
    fileprivate var texts: [[String]] {
        switch self {
        case .string: [[]]
        case .object(let fields): fields.flatMap { field in field.value.texts.map { [field.key] + $0 } }
        case .array(let values):
            values.enumerated().flatMap { position, value in value.texts.map { [String(position)] + $0 } }
        case .null, .bool, .number: []
        }
    }

    fileprivate func replacing(_ place: ArraySlice<String>, by text: String) -> JSONValue {
        guard let step = place.first else { return .string(text) }
        switch self {
        case .object(let fields):
            return .object(
                fields.map { field in
                    field.key == step
                        ? Field(key: step, value: field.value.replacing(place.dropFirst(), by: text)) : field
                })
        case .array(let values):
            return .array(
                values.enumerated().map { position, value in
                    String(position) == step ? value.replacing(place.dropFirst(), by: text) : value
                })
        case .string, .null, .bool, .number: return self
        }
    }

    fileprivate var written: String {
        switch self {
        case .string(let text): TestDoor.quoted(text)
        case .object(let fields):
            "{" + fields.map { "\(TestDoor.quoted($0.key)):\($0.value.written)" }.joined(separator: ",") + "}"
        case .array(let values): "[" + values.map(\.written).joined(separator: ",") + "]"
        case .number(let text): text
        case .bool(let value): value ? "true" : "false"
        case .null: "null"
        }
    }
}
