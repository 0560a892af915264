import AuthorityAPI
import NIOPosix

/// Few threads for what computes for long: a KRL with many serials, a policy of a mebibyte, a decision about every host.
/// On the event loop of a connection it would hold up all others that have the same loop.
package final class Workshop: TaskExecutor {
    private let threads: NIOThreadPool

    /// - Parameter threads: How much is computed at once; the rest waits in its order.
    package init(threads count: Int) {
        threads = NIOThreadPool(numberOfThreads: count)
        threads.start()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        threads.submit { _ in unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

extension Route {
    /// Whether its answer may take long to compute. What others have to wait for in the store or the signer is no matter.
    var takesLong: Bool {
        switch self {
        case .userKRL, .hostKRL, .hostState, .reach, .explain, .policy, .policyApply, .policyHistory,
            .policyDiff, .policyWho, .passkeyAnswer, .governance, .requests, .identities, .keys, .devices,
            .sessionList, .ca,
            .events,
            .inclusion,
            .consistency, .hosts, .enforcement, .certificateLook:
            true
        case .livez, .readyz, .metrics, .authority, .checkpoint, .signIn, .signInAnswer, .enrol, .enrolPerson,
            .enrolHost, .session, .signOut, .stepUp, .stepUpAnswer, .recoveryCodes, .totp, .totpFinish,
            .password, .sshKeyAdd, .passkeys, .passkeyAdd, .passkeyFinish, .passkeyRemove, .passkeyPage,
            .passkeyLook, .passkeyNumber, .pendingSignIns, .signInDecide,
            .keyReauthorize, .deviceStatus, .sessionsEnd, .certificates, .requestsDecide, .identityAdd,
            .identityStatus,
            .identityLink, .identityUpstream, .provisioners, .provisionerToken, .provisionerRevoke,
            .provisionerPerson,
            .revocations, .caRotate, .caWaive, .signers, .hostCertificates, .hostEvents, .hostAcknowledgement,
            .browserPage, .browserCode,
            .browserReturn:
            false
        }
    }
}
