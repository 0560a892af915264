package import Authority

enum PolicyQuestion: Hashable { case version }

extension Records: Policies {
    package func currentPolicy() async throws(StoreError) -> PolicyVersion? {
        try await policyHistory(before: nil, limit: 1).first
    }

    package func currentPolicyVersion() async throws(StoreError) -> UInt64 {
        let version = try await policyVersions.answer(to: .version) { () throws(StoreError) in
            try await points.perform { session throws(StoreError) in
                try Self.policyVersion(session)
            }
        }
        return version ?? 0
    }

    /// 0 before the first start.
    static func policyVersion(_ session: any SQLSession) throws(StoreError) -> UInt64 {
        try session.row("SELECT coalesce(max(version), 0) FROM policy", [])?.count(0) ?? 0
    }

    package func standing() async throws(StoreError) -> UInt64 { try await counts.now(.places) }

    package func policyHistory(
        before: UInt64?, limit: Int
    ) async throws(StoreError) -> [PolicyVersion] {
        try await points.perform { session throws(StoreError) in
            try session.rows(
                "SELECT \(PolicyVersion.columns) FROM policy WHERE version < ? ORDER BY version DESC LIMIT ?",
                [.count(before ?? .max), .integer(Int64(limit))]
            ).map { (row) throws(StoreError) in try PolicyVersion(row) }
        }
    }
}
