import Authority
import Foundation
import Posix
import Records
import SSHFormats
import TestKit

/// Everything that a storage engine does.
typealias Storage = Journal & Directory & Credentials & Certificates & Policies & EventLog & Inventory
    & PendingSignIns & Passkeys & BrowserSignIns & Approvals & UpstreamLinks & Oversight & Provisioning
    & Acknowledgements & CAKeys & Clocks

/// The engines that the conformance suite runs against.
enum Engine: String, CaseIterable, Sendable {
    case sqlite, postgres, memory

    func open() async throws -> any Storage {
        switch self {
        case .sqlite: try await TemporaryFolder().records()
        case .postgres: try await PostgresPlace().records()
        case .memory: InMemoryStore(now: { Sample.noon })
        }
    }
}

/// A folder of one test alone; gone when the process ends.
struct TemporaryFolder {
    private static let all: String = {
        atexit { try? FileManager.default.removeItem(atPath: TemporaryFolder.name) }
        return name
    }()
    private static let name = "/tmp/keyreeve-records-\(UInt64.random(in: .min ... .max))"

    let path: String

    init() throws {
        path = "\(Self.all)/\(UInt64.random(in: .min ... .max))"
        try Folder(path).make()
    }

    var database: String { path + "/keyreeve.db" }

    func records() async throws -> Records { try await Records(path: database, now: { Sample.noon }) }
}

/// A schema of one test alone on the server of the tests.
struct PostgresPlace {
    let server: TestPostgres
    let address: PostgresAddress

    init() async throws {
        server = try await TestPostgres.shared
        address = try PostgresAddress(try await server.schema())
    }

    func records(node: String? = nil) async throws -> Records {
        try await Records(try await PostgresConnection(address, node: node), now: { Sample.noon })
    }
}

extension Journal {
    @discardableResult
    func keep(_ facts: Fact...) async throws(StoreError) -> Receipt {
        try await record(Entry(facts, event: nil))
    }
}

/// The store's error that the body throws; nil if it throws none.
func conflict(_ body: () async throws -> Receipt) async -> StoreError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? StoreError ?? .failed(reason: "another error: \(error)")
    }
}
