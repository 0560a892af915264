package import Authority
package import Names

extension Records: Credentials {
    package func sealedSecret(of id: IdentityID, _ factor: Factor) async throws(StoreError) -> [UInt8]? {
        try await points.perform { session throws(StoreError) in
            try session.row(
                "SELECT sealed FROM factor_secret WHERE identity = ? AND factor = ?",
                [.id(id), .text(factor.rawValue)]
            )?.bytes(0)
        }
    }

    package func recoveryCodes(of id: IdentityID) async throws(StoreError) -> [[UInt8]] {
        try await points.perform { session throws(StoreError) in
            try session.rows(
                "SELECT hash FROM recovery_code WHERE identity = ? AND used_at IS NULL ORDER BY hash",
                [.id(id)]
            ).map { (row) throws(StoreError) in try row.bytes(0) }
        }
    }

    package func link(tokenHash: [UInt8]) async throws(StoreError) -> EnrolmentLink? {
        try await points.perform { session throws(StoreError) in
            let row = try session.row(
                "SELECT \(EnrolmentLink.columns) FROM enrolment_link WHERE token_hash = ?",
                [.bytes(tokenHash)])
            return try row.map { (row) throws(StoreError) in try EnrolmentLink(row) }
        }
    }

    package func reserve(
        _ attempt: Attempt, limits: AttemptLimits
    ) async throws(StoreError) -> AttemptVerdict {
        try await commits.perform { group throws(StoreError) in try group.reserve(attempt, limits) }
    }

    package func settle(_ attempt: Attempt, _ outcome: AttemptOutcome) async throws(StoreError) {
        try await commits.perform { group throws(StoreError) in try group.settle(attempt, outcome) }
    }
}
