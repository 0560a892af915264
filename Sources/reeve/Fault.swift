import AuthorityAPI
import AuthorityClient
import HostDocuments
import Ledger
import Names
import Posix
import SSHFormats

/// The exit statuses of `reeve`.
enum ExitStatus: Int32 {
    /// The authority, or a check of ours, says no.
    case refused = 1
    /// The command line, a file named in it, or this machine's set-up is wrong.
    case usage = 2
    case unreachable = 3
    /// Somebody must sign in, or be there to answer.
    case needsSignIn = 4
    /// Done, but not everywhere in the time given.
    case incomplete = 5
}

/// What went wrong and what to do next. Never holds a secret.
struct Fault: Error {
    let status: ExitStatus
    let happened: String
    let next: String
    var problem: Problem?

    init(_ status: ExitStatus, _ happened: String, next: String) {
        self.status = status
        self.happened = happened
        self.next = next
    }

    /// Says what kind of thing any error is.
    init(_ error: any Error) {
        switch error {
        case let fault as Fault: self = fault
        case let error as ClientError: self.init(client: error)
        case let error as PosixError:
            self.init(.usage, error.description, next: "Check the path and its permissions, then try again.")
        case let error as NameError:
            self.init(
                .usage, "a name \(error)",
                next: "Use lower-case ASCII letters, digits, dot, hyphen and underscore.")
        case let error as SSHConfigError:
            self.init(
                .usage, "ssh_config cannot name the state folder: \(error)",
                next: "Set REEVE_HOME to a path without quotes, %, $ and backslashes.")
        case let error as KeyError: self.init(input: "the key \(error)")
        case let error as CertificateError: self.init(input: "the certificate \(error)")
        case let error as SignatureError: self.init(input: "the signature \(error)")
        case let error as SSHSIGError: self.init(input: "the signature \(error)")
        case let error as AllowedSignersError: self.init(input: "the signature \(error)")
        case let error as HostStateError: self.init(input: "the host state \(error)")
        case let error as KRLError: self.init(input: "the list of what is revoked \(error)")
        case let error as CheckpointError: self.init(input: "the checkpoint \(error)")
        case let error as MerkleError: self.init(input: "the proof \(error)")
        default:
            self.init(
                .usage, "the input cannot be used: \(error)", next: "Check what was given, then try again.")
        }
    }

    private init(input text: String) {
        self.init(.usage, text, next: "Check what was given, then try again.")
    }

    private init(client error: ClientError) {
        switch error {
        case .refused(let problem):
            self.init(error.needsSignIn ? .needsSignIn : .refused, error.description, next: problem.title)
            self.problem = problem
        case .unreachable(let text):
            self.init(.unreachable, text, next: "Check the network and that `reeved` runs, then try again.")
        case .untrusted(let text):
            self.init(
                .unreachable, text,
                next:
                    "If an admin has changed the server's TLS root, enrol again with a new link; else do not go on."
            )
        case .wrongClock(let text):
            self.init(
                .usage, text,
                next: "If this machine's clock is wrong, set it; else set the server's, or its certificate.")
        case .badReply(let text):
            self.init(.unreachable, text, next: "Check that `reeve` and `reeved` are of versions that fit.")
        case .badRequest(let text):
            self.init(.usage, text, next: "Check that this device is enrolled: `reeve enrol`.")
        }
    }
}

extension Fault {
    /// Two lines for people.
    var text: String {
        var lines = ["reeve: \(happened)", "  next: \(next)"]
        if let id = problem?.requestID, !id.isEmpty { lines.append("  request id: \(id)") }
        return lines.joined(separator: "\n")
    }

    /// The same for programs.
    struct Report: Encodable {
        let code: String
        let exit: Int32
        let happened: String
        let next: String
        let requestID: String?
        /// The request that others must approve first.
        let request: UInt64?
    }

    var report: Report {
        Report(
            code: problem?.code ?? "\(status)", exit: status.rawValue, happened: happened, next: next,
            requestID: problem?.requestID, request: problem?.request)
    }
}
