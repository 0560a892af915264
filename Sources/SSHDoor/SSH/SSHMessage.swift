import CLibssh
import Glibc

/// One message of a client that wants an answer. Refused when nobody answers it.
@safe final class SSHMessage {
    enum Kind: Hashable {
        case service(String)
        /// The beginning of a conversation (RFC 4256), by this name.
        case conversation(name: String)
        /// What the person has answered.
        case answers
        case otherSignIn
        case session
        case otherChannel
        case pty, shell
        case exec(String)
        case windowChange
        case otherRequest
    }

    let raw: OpaquePointer
    let kind: Kind
    private var isAnswered = false

    init(_ raw: OpaquePointer) {
        unsafe self.raw = raw
        kind = unsafe SSHMessage.kind(raw)
    }

    deinit {
        if !isAnswered { refuse() }
        unsafe ssh_message_free(raw)
    }

    /// Says no, as the protocol has it for this message.
    func refuse() {
        guard !isAnswered else { return }
        isAnswered = true
        switch kind {
        case .conversation, .answers, .otherSignIn:
            _ = unsafe ssh_message_auth_set_methods(raw, Int32(SSH_AUTH_METHOD_INTERACTIVE))
        default: break
        }
        _ = unsafe ssh_message_reply_default(raw)
    }

    func acceptService() {
        isAnswered = true
        _ = unsafe ssh_message_service_reply_success(raw)
    }

    func acceptRequest() {
        isAnswered = true
        _ = unsafe ssh_message_channel_request_reply_success(raw)
    }

    /// Lets the person in. Called at one place, with a session of the authority at hand.
    func acceptSignIn() {
        isAnswered = true
        _ = unsafe ssh_message_auth_reply_success(raw, 0)
    }

    /// Opens the channel that was asked for.
    func acceptChannel() -> OpaquePointer? {
        isAnswered = true
        return unsafe ssh_message_channel_request_open_reply_accept(raw)
    }

    /// The channel that a request is about.
    var channel: OpaquePointer? { unsafe ssh_message_channel_request_channel(raw) }

    /// Shows a text and asks (RFC 4256 §3.2). No prompts: the client shows the text and answers at once.
    func ask(_ title: String, _ text: String, _ prompts: [DialoguePrompt]) -> Bool {
        isAnswered = true
        var texts = unsafe prompts.map { unsafe UnsafePointer<CChar>?(strdup("\($0.text): ")) }
        defer {
            while let text = unsafe texts.popLast() { unsafe free(UnsafeMutablePointer(mutating: text)) }
        }
        var echo = prompts.map { CChar($0.isShown ? 1 : 0) }
        return unsafe ssh_message_auth_interactive_request(
            raw, title, text, UInt32(prompts.count), &texts, &echo) == SSH_OK
    }

    /// The answers, if there are as many as were asked for.
    func answers(_ count: Int, of session: SSHSession) -> [String]? {
        guard unsafe ssh_userauth_kbdint_getnanswers(session.raw) == Int32(count) else { return nil }
        var answers: [String] = []
        for index in 0..<UInt32(count) {
            guard let answer = unsafe ssh_userauth_kbdint_getanswer(session.raw, index) else { return nil }
            answers.append(unsafe String(cString: answer))
        }
        return answers
    }

    private static func kind(_ raw: OpaquePointer) -> Kind {
        let subtype = unsafe ssh_message_subtype(raw)
        switch unsafe UInt32(ssh_message_type(raw)) {
        case SSH_REQUEST_SERVICE.rawValue: return .service(unsafe text(ssh_message_service_service(raw)))
        case SSH_REQUEST_AUTH.rawValue:
            guard subtype == Int32(SSH_AUTH_METHOD_INTERACTIVE) else { return .otherSignIn }
            guard unsafe ssh_message_auth_kbdint_is_response(raw) == 0 else { return .answers }
            return .conversation(name: unsafe text(ssh_message_auth_user(raw)))
        case SSH_REQUEST_CHANNEL_OPEN.rawValue:
            return UInt32(subtype) == SSH_CHANNEL_SESSION.rawValue ? .session : .otherChannel
        case SSH_REQUEST_CHANNEL.rawValue: return unsafe requestKind(raw, UInt32(subtype))
        default: return .otherRequest
        }
    }

    private static func requestKind(_ raw: OpaquePointer, _ subtype: UInt32) -> Kind {
        switch subtype {
        case SSH_CHANNEL_REQUEST_PTY.rawValue: .pty
        case SSH_CHANNEL_REQUEST_SHELL.rawValue: .shell
        case SSH_CHANNEL_REQUEST_EXEC.rawValue: .exec(unsafe text(ssh_message_channel_request_command(raw)))
        case SSH_CHANNEL_REQUEST_WINDOW_CHANGE.rawValue: .windowChange
        default: .otherRequest
        }
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
        guard let pointer = unsafe pointer else { return "" }
        return unsafe String(cString: pointer)
    }
}
