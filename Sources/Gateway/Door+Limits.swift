import AuthorityAPI
import HTTPTypes
import Hummingbird
import NIOCore

/// Why a request was not read to its end.
enum BodyError: Error {
    /// Refused before its body was read.
    case unread(DoorError)
    /// The connection or the HTTP on it is broken.
    case broken(any Error)

    /// What broke.
    var cause: any Error {
        switch self {
        case .unread(let error): error
        case .broken(let error): error
        }
    }
}

extension Door {
    private static let byLine: [String: Route] = Dictionary(
        uniqueKeysWithValues: Route.allCases.map { ($0.rawValue, $0) })

    /// The route of a request line. Paths are compared byte by byte: nothing is decoded, joined or folded.
    static func route(of head: HTTPRequest) -> Result<Route, DoorError> {
        let path = (head.path ?? "").prefix { $0 != "?" }
        if let route = byLine["\(head.method.rawValue) \(path)"] { return .success(route) }
        let pattern = BrowserReturn.provider(path) == nil ? path : Route.browserReturn.path[...]
        if let route = byLine["\(head.method.rawValue) \(pattern)"] { return .success(route) }
        let allowed = Route.allCases.filter { $0.path == pattern }.map(\.method)
        return .failure(allowed.isEmpty ? .noSuchRoute : .wrongMethod(allowed: allowed))
    }

    /// What can be refused by the head alone.
    ///
    /// - Throws: ``BodyError/unread(_:)``
    func admit(
        _ route: Result<Route, DoorError>, _ head: HTTPRequest, from source: String
    ) throws(BodyError) -> Route {
        do throws(DoorError) {
            try limits.admit(try? route.get(), from: source)
            try checkHost(head)
            return try route.get()
        } catch {
            throw .unread(error)
        }
    }

    static func hasBody(_ head: HTTPRequest) -> Bool {
        head.headerFields[.contentLength] != nil || head.headerFields[.transferEncoding] != nil
    }

    static func query(of head: HTTPRequest) throws(DoorError) -> Query {
        let path = head.path ?? ""
        return try Query(path.utf8.firstIndex(of: UInt8(ascii: "?")).map { path[path.index(after: $0)...] })
    }

    /// RFC 9112, section 3.2. The server stack keeps the first `Host` apart; a second one stays among the fields.
    func checkHost(_ head: HTTPRequest) throws(DoorError) {
        guard let authority = head.authority else { throw .badRequest("Host: missing") }
        guard head.headerFields[values: .host].isEmpty else { throw .badRequest("Host: there twice") }
        guard configuration.hosts.contains(Door.hostName(authority)) else { throw .wrongHost }
    }

    /// `name:port` without the port, lower case; an IPv6 address without its brackets.
    static func hostName(_ authority: String) -> String {
        guard authority.utf8.first == UInt8(ascii: "[") else {
            return authority.prefix { $0 != ":" }.lowercased()
        }
        return authority.dropFirst().prefix { $0 != "]" }.lowercased()
    }

    func checkMediaType(_ head: HTTPRequest, of route: Route) throws(DoorError) {
        let type = (head.headerFields[.contentType] ?? "").prefix { $0 != ";" }
        let wanted = route.takesForm ? "application/x-www-form-urlencoded" : "application/json"
        guard type.lowercased() == wanted else { throw .wrongMediaType(wanted) }
    }

    func limit(of route: Route) -> Int {
        switch route {
        case .policyApply, .policyDiff: configuration.longestPolicyBody
        default: configuration.longestBody
        }
    }

    /// The whole body, within its limit and its time. A `GET` has none.
    ///
    /// - Throws: ``BodyError``
    func body(of route: Route, _ incoming: Incoming, limit: Int) async throws -> [UInt8] {
        try await body(of: incoming, limit: route.method == "GET" ? 0 : limit)
    }

    /// - Throws: ``BodyError``
    func body(of incoming: Incoming, limit: Int) async throws -> [UInt8] {
        guard Door.hasBody(incoming.request.head) else { return [] }
        let length = incoming.request.headers[.contentLength]
        if let length, Int(length).map({ $0 > limit }) ?? true {
            throw BodyError.unread(.bodyTooLarge(limit: limit))
        }
        do {
            let buffer = try await deadlines.reading(from: incoming.peer) {
                try await incoming.request.body.collect(upTo: limit)
            }
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw BodyError.unread(.bodyTooLarge(limit: limit))
        } catch {
            throw BodyError.broken(error)
        }
    }
}
