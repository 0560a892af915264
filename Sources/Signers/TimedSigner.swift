package import Authority
package import SSHFormats
package import Telemetry

/// A signer, with how long it takes to sign.
package struct TimedSigner: Signer, CAKeyring {
    private let base: any Signer & CAKeyring
    private let certificates = Histogram(bounds: Histogram.seconds)
    private let checkpoints = Histogram(bounds: Histogram.seconds)
    private let hostStates = Histogram(bounds: Histogram.seconds)
    private let failures = Counter(["refused", "unavailable", "sealed"])

    package init(_ base: any Signer & CAKeyring) { self.base = base }

    package var metrics: [Metric] {
        let all = [("certificate", certificates), ("checkpoint", checkpoints), ("host-state", hostStates)]
        return [
            Metric("keyreeve_signer_seconds", .histogram, "Time that a signature takes, by what is signed.") {
                all.map { name, histogram in
                    Metric.Sample(
                        .histogram(histogram.counts, bounds: histogram.bounds), labels: [("what", name)])
                }
            },
            .counter(
                "keyreeve_signer_failures_total", "Signatures that the signer refused or did not give.",
                by: "why", failures),
        ]
    }

    package func publicKeys() async throws(SignerError) -> [SigningRole: PublicKey] {
        try await base.publicKeys()
    }

    package func sign(_ permit: consuming SigningPermit) async throws(SignerError) -> Signature {
        let started = ContinuousClock.now
        do { return note(try await base.sign(permit), certificates, started) } catch { throw note(error) }
    }

    package func signCheckpoint(
        body: [UInt8], consistency: [[UInt8]]
    ) async throws(SignerError) -> [UInt8] {
        let started = ContinuousClock.now
        do {
            return note(
                try await base.signCheckpoint(body: body, consistency: consistency), checkpoints, started)
        } catch { throw note(error) }
    }

    package func checkpointSize() async throws(SignerError) -> UInt64 { try await base.checkpointSize() }

    package func signHostState(_ payload: [UInt8]) async throws(SignerError) -> [UInt8] {
        let started = ContinuousClock.now
        do { return note(try await base.signHostState(payload), hostStates, started) } catch {
            throw note(error)
        }
    }

    package func signTLS(toBeSigned: [UInt8]) async throws(SignerError) -> [UInt8] {
        try await base.signTLS(toBeSigned: toBeSigned)
    }

    package func caKeys() async throws(SignerError) -> [HeldCAKey] { try await base.caKeys() }

    package func prepareKey(
        _ authority: CertificateAuthority
    ) async throws(SignerError) -> (key: PublicKey, sealed: [UInt8]) { try await base.prepareKey(authority) }

    package func adoptKey(
        _ authority: CertificateAuthority, sealed: [UInt8]
    ) async throws(SignerError) { try await base.adoptKey(authority, sealed: sealed) }

    package func promoteKey(
        _ authority: CertificateAuthority, _ key: PublicKey
    ) async throws(SignerError) { try await base.promoteKey(authority, key) }

    package func retireKey(
        _ authority: CertificateAuthority, _ key: PublicKey
    ) async throws(SignerError) { try await base.retireKey(authority, key) }

    private func note<Value>(
        _ value: Value, _ histogram: Histogram, _ started: ContinuousClock.Instant
    ) -> Value {
        histogram.note((ContinuousClock.now - started) / .seconds(1))
        return value
    }

    private func note(_ error: SignerError) -> SignerError {
        switch error {
        case .refused: failures.count("refused")
        case .unavailable: failures.count("unavailable")
        case .sealed: failures.count("sealed")
        }
        return error
    }
}
