import CPAM
import FoundationEssentials
import Glibc
import Posix
import Synchronization
import Testing

@testable import HostAgent

/// Calls `pam_reeve.so` as sshd and sudo do: by libpam, from a stack with that one line.
struct ModuleCaller: Sendable {
    enum Call: Sendable, CaseIterable { case authenticate, account, open, close }

    /// A folder for stacks.
    let folder: String
    /// Copied to where root owns the path.
    let module: String
    /// What stands behind the module's path.
    var arguments: String
    var login = "daemon"
    /// Who called, where another is meant than is signed in.
    var caller: String?
    /// A stack of more than that line.
    var stack: String?
    /// PAM's own surroundings.
    var environment: [String: String] = [:]

    /// What the module said to the person.
    final class Heard: Sendable {
        let lines = Mutex<[String]>([])
    }

    struct Outcome: Sendable {
        let code: CInt
        let heard: [String]
    }

    func call(_ call: Call) throws -> Outcome {
        let service = "stack-\(UInt32.random(in: 0 ... .max))"
        let kinds = ["auth", "account", "session"].map { "\($0) required \(module) \(arguments)\n" }
        let lines = stack ?? kinds.joined()
        try DurableFile("\(folder)/\(service)").write(Array(lines.utf8), mode: 0o644)
        let heard = Heard()
        var callback = unsafe pam_conv(
            conv: listen, appdata_ptr: Unmanaged.passUnretained(heard).toOpaque())
        var handle: OpaquePointer?
        let begun = unsafe pam_start_confdir(service, login, &callback, folder, &handle)
        #expect(begun == PAM_SUCCESS)
        guard let stack = unsafe handle else { throw Fault("pam", "pam_start_confdir: \(begun)") }
        if let caller {
            let code = unsafe pam_set_item(stack, PAM_RUSER, caller)
            #expect(code == PAM_SUCCESS)
        }
        for (name, value) in environment {
            let code = unsafe pam_putenv(stack, "\(name)=\(value)")
            #expect(code == PAM_SUCCESS)
        }
        let code =
            switch call {
            case .authenticate: unsafe pam_authenticate(stack, 0)
            case .account: unsafe pam_acct_mgmt(stack, 0)
            case .open: unsafe pam_open_session(stack, 0)
            case .close: unsafe pam_close_session(stack, 0)
            }
        _ = unsafe pam_end(stack, code)
        return Outcome(code: code, heard: withExtendedLifetime(heard) { $0.lines.withLock { $0 } })
    }
}

/// Takes messages down, and answers no question: pam_reeve must not ask any.
private let listen:
    @convention(c) (
        CInt, UnsafeMutablePointer<UnsafePointer<pam_message>?>?,
        UnsafeMutablePointer<UnsafeMutablePointer<pam_response>?>?, UnsafeMutableRawPointer?
    ) -> CInt = { count, messages, responses, context in
        guard count == 1, let message = unsafe messages?.pointee?.pointee, let responses = unsafe responses,
            let context = unsafe context, let text = unsafe message.msg
        else { return PAM_CONV_ERR }
        let heard = unsafe Unmanaged<ModuleCaller.Heard>.fromOpaque(context).takeUnretainedValue()
        heard.lines.withLock { unsafe $0.append(String(cString: text)) }
        guard unsafe message.msg_style == PAM_ERROR_MSG else { return PAM_CONV_ERR }
        unsafe responses.pointee = unsafe calloc(1, MemoryLayout<pam_response>.stride)?
            .bindMemory(to: pam_response.self, capacity: 1)
        return PAM_SUCCESS
    }
