import Authority
import Gateway
import Posix
import Records
import SignIn
import Signers
import Telemetry

extension Metric {
    /// What `/metrics` shows of everything behind the gateway.
    static func all(
        authority: Authority, records: Records, signer: TimedSigner, hashing: Argon2Hashing,
        keeper: CheckpointKeeper, checks: [ReadinessCheck]
    ) -> [Metric] {
        [
            Metric("keyreeve_build_info", .gauge, "Always 1; its label is the version.") {
                [Sample(.number(1), labels: [("version", Reeved.version)])]
            },
            Metric("keyreeve_check_failing", .gauge, "1 where /readyz says that requests fail because of it.")
            {
                var samples: [Sample] = []
                for check in checks {
                    let isFailing = await check.isReady()?.effect == .fails
                    samples.append(Sample(.number(isFailing ? 1 : 0), labels: [("check", check.name)]))
                }
                return samples
            },
            .gauge("keyreeve_passwords_waiting", "Passwords that wait to be hashed.") {
                Double(hashing.waiting)
            },
            .gauge(
                "keyreeve_checkpoint_age_seconds",
                "Since this node last saw a checkpoint cover the whole ledger; missing where another node signs."
            ) { keeper.age },
        ] + lists(authority) + signer.metrics + records.metrics + process
    }

    private static func lists(_ authority: Authority) -> [Metric] {
        let lists = authority.revocations.lists
        return [
            Metric("keyreeve_krl_bytes", .gauge, "Size of a revocation list, as it was last built.") {
                await lists.sizes.map {
                    Sample(.number(Double($0.bytes)), labels: [("list", $0.audience.name)])
                }
            },
            Metric("keyreeve_krl_version", .gauge, "Version of a revocation list, as it was last built.") {
                await lists.sizes.map {
                    Sample(.number(Double($0.version)), labels: [("list", $0.audience.name)])
                }
            },
        ]
    }
}
