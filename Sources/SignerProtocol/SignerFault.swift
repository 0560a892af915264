/// Why the signer did not sign: a stable code and a sentence.
package struct SignerFault: Error, Hashable, Sendable {
    /// Stable; the raw value is what the protocol carries.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        /// The profile of the key forbids it.
        case profileRefused = "profile-refused"
        /// More signatures per second than the profile allows; may be tried again.
        case rateLimited = "rate-limited"
        /// No key for that role, or none of ours where one of ours must stand.
        case unknownKey = "unknown-key"
        /// Not a request of this protocol.
        case badFrame = "bad-frame"
        /// The client speaks another version, or did not say hello first.
        case wrongVersion = "wrong-version"
        /// A host state older than one that was signed for that host.
        case staleEpoch = "stale-epoch"
        /// A checkpoint that is not proven to grow out of the remembered one.
        case inconsistentCheckpoint = "inconsistent-checkpoint"
        /// Too many connections, or this user may not connect.
        case notAdmitted = "not-admitted"
        /// The keys are sealed until somebody brings the key file; may be tried again.
        case sealed
        /// Not the key that opens the files.
        case wrongKey = "wrong-key"
        /// A key cannot become that from where it stands.
        case keyState = "key-state"
        /// The signer could not do its work, for instance write its memory; may be tried again.
        case unavailable
    }

    package let code: Code
    /// For people; without secrets and without bytes of the request.
    package let reason: String

    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// Whether the same request may succeed later.
    package var isRetryable: Bool {
        switch code {
        case .rateLimited, .unavailable, .notAdmitted, .sealed: true
        case .profileRefused, .unknownKey, .badFrame, .wrongVersion, .staleEpoch, .inconsistentCheckpoint,
            .wrongKey, .keyState:
            false
        }
    }
}
