import AuthorityAPI
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One operation of `openapi.yaml`, as a scan of its lines finds it.
private struct Operation: Hashable {
    let line: String
    let name: String
    let access: String
}

/// The operations under `paths:`; by indentation, which is two spaces a level.
private func published() throws -> [Operation] {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let bytes = try Data(contentsOf: URL(filePath: "/\(root)/openapi.yaml"))
    var found: [Operation] = []
    var path = ""
    var method = ""
    var name = ""
    var isInPaths = false
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
        if !line.hasPrefix(" ") { isInPaths = line == "paths:" }
        guard isInPaths else { continue }
        let words = line.split(separator: " ")
        let indent = line.prefix { $0 == " " }.count
        switch (indent, words.first, words.dropFirst().first) {
        case (2, let word?, nil): path = String(word.dropLast())
        case (4, let word?, nil): method = word.dropLast().uppercased()
        case (6, "operationId:", let word?): name = String(word)
        case (6, "x-access:", let word?):
            found.append(Operation(line: "\(method) \(path)", name: name, access: String(word)))
        default: continue
        }
    }
    return found
}

@Suite struct `The published table of routes` {
    @Test func `says the same as the code, both ways`() throws {
        let operations = try published()
        let coded = Route.allCases.map {
            Operation(line: $0.rawValue, name: "\($0)", access: $0.access.rawValue)
        }
        #expect(Set(operations).subtracting(coded) == [])
        #expect(Set(coded).subtracting(operations) == [])
        #expect(operations.count == Route.allCases.count)
    }
}
