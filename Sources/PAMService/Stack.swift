import CPAM
import Names
import PAMProtocol

/// The administrator's stack of modules (pam.d(5)), for one user and once.
///
/// Modules run in this very process: call it where nothing else lives.
struct Stack {
    let service: String
    /// Where stacks are; nil: /etc/pam.d.
    let folder: String?
    let account: Account
    /// Numeric address, for `PAM_RHOST`.
    let source: String

    /// An account without a password lets nobody in.
    private static let flags = CInt(PAM_DISALLOW_NULL_AUTHTOK)

    private enum Fault: Error { case refused(String) }

    func run(_ conversation: Conversation) -> PAMVerdict {
        var callback = unsafe pam_conv(
            conv: converse, appdata_ptr: Unmanaged.passUnretained(conversation).toOpaque())
        var handle: OpaquePointer?
        guard
            unsafe pam_start_confdir(service, account.user, &callback, folder, &handle) == PAM_SUCCESS,
            let handle = unsafe handle
        else { return .refused("no stack of the name \(service)") }
        var last = PAM_SUCCESS
        let verdict: PAMVerdict
        do throws(Fault) { verdict = try unsafe ask(handle, &last) } catch {
            guard case .refused(let reason) = error else { return .refused("") }
            verdict = .refused(reason)
        }
        _ = unsafe pam_end(handle, last)
        if let fault = conversation.fault { return .refused(fault) }
        return account.counts ? verdict : .refused("nobody who may sign in")
    }

    private func ask(_ handle: OpaquePointer, _ last: inout CInt) throws(Fault) -> PAMVerdict {
        let items = unsafe [
            pam_set_item(handle, PAM_RHOST, source), pam_set_item(handle, PAM_TTY, "reeve"),
            keyreeve_without_delay(handle),
        ]
        guard items.allSatisfy({ $0 == PAM_SUCCESS }) else { throw .refused("items") }
        last = unsafe pam_authenticate(handle, Self.flags)
        guard last == PAM_SUCCESS else { throw .refused("authenticate: \(Self.name(last))") }
        last = unsafe pam_acct_mgmt(handle, Self.flags)
        guard unsafe Self.user(of: handle) == account.user else { throw .refused("another user") }
        if last == PAM_NEW_AUTHTOK_REQD { return .passwordExpired }
        guard last == PAM_SUCCESS else { throw .refused("account: \(Self.name(last))") }
        return .proven
    }

    /// Modules may change it; who proved themselves is then not who was asked for.
    private static func user(of handle: OpaquePointer) -> String? {
        var item: UnsafeRawPointer?
        guard unsafe pam_get_item(handle, PAM_USER, &item) == PAM_SUCCESS, let item = unsafe item else {
            return nil
        }
        return unsafe String(validatingCString: item.assumingMemoryBound(to: CChar.self))
    }

    /// The code in the words of pam(3), or its number.
    private static func name(_ code: CInt) -> String {
        names[code] ?? "code \(code)"
    }

    private static let names: [CInt: String] = [
        PAM_OPEN_ERR: "module missing", PAM_SYMBOL_ERR: "symbol missing", PAM_SERVICE_ERR: "service error",
        PAM_SYSTEM_ERR: "system error", PAM_BUF_ERR: "no memory", PAM_PERM_DENIED: "permission denied",
        PAM_AUTH_ERR: "authentication failure", PAM_CRED_INSUFFICIENT: "insufficient rights",
        PAM_AUTHINFO_UNAVAIL: "information unavailable", PAM_USER_UNKNOWN: "user unknown",
        PAM_MAXTRIES: "too many tries", PAM_ACCT_EXPIRED: "account expired",
        PAM_CONV_ERR: "conversation failed", PAM_ABORT: "aborted", PAM_IGNORE: "ignored",
    ]
}
