import Authority
package import Telemetry

extension Records {
    /// What operators may watch of the storage.
    package var metrics: [Metric] {
        [
            .histogram(
                "keyreeve_commit_group_size", "Entries that shared one commit.", commits.sizes),
            .histogram(
                "keyreeve_commit_seconds", "Time from the begin of a transaction to its durable end.",
                commits.times),
            .gauge("keyreeve_commits_waiting", "Entries that wait for the next commit.") { [commits] in
                Double(commits.line.count)
            },
            .gauge("keyreeve_ledger_size", "Events in the ledger.") { [self] in
                (try? await treeSize()).map { Double($0) }
            },
            .gauge("keyreeve_checkpoint_size", "Events that the newest signed checkpoint covers.") {
                [self] in
                (try? await checkpoints(limit: 1)).map { Double($0.first?.size ?? 0) }
            },
            .gauge("keyreeve_policy_version", "Version of the policy in force.") { [self] in
                (try? await currentPolicyVersion()).map { Double($0) }
            },
        ]
    }
}
