import TestKit

/// Where an installation keeps its records.
enum Engine: String, CaseIterable, Sendable {
    case sqlite, postgres

    /// What `--database` says; nil leaves it out.
    func database() async throws -> String? {
        switch self {
        case .sqlite: nil
        case .postgres: try await TestPostgres.shared.database()
        }
    }
}
