import CPAM
import Names
import PAMProtocol

typealias Messages = UnsafeMutablePointer<UnsafePointer<pam_message>?>
typealias Responses = UnsafeMutablePointer<UnsafeMutablePointer<pam_response>?>

/// What libpam calls for every question of a module (pam_conv(3)).
let converse: @convention(c) (CInt, Messages?, Responses?, UnsafeMutableRawPointer?) -> CInt = {
    count, messages, responses, context in
    guard let messages = unsafe messages, let responses = unsafe responses,
        let context = unsafe context
    else { return PAM_CONV_ERR }
    let conversation = unsafe Unmanaged<Conversation>.fromOpaque(context).takeUnretainedValue()
    unsafe responses.pointee = nil
    guard let read = unsafe Reading.messages(Int(count), messages, conversation),
        let answers = conversation.exchange(read)
    else { return PAM_CONV_ERR }
    unsafe responses.pointee = Reading.copies(of: answers)
    return unsafe responses.pointee == nil ? PAM_BUF_ERR : PAM_SUCCESS
}

private enum Reading {
    /// What the module says, within bounds; nil where it is beyond.
    static func messages(
        _ count: Int, _ pointers: Messages, _ conversation: Conversation
    ) -> [PAMMessage]? {
        guard (1...PAMMessage.mostAtOnce).contains(count) else {
            _ = conversation.fail("it asks \(count) things at once")
            return nil
        }
        var messages: [PAMMessage] = []
        for index in 0..<count {
            guard let pointer = unsafe pointers[index], let style = unsafe style(pointer.pointee.msg_style)
            else {
                _ = conversation.fail("it asks in a way that is not known")
                return nil
            }
            guard let text = unsafe text(pointer.pointee.msg) else {
                _ = conversation.fail("a message is longer than \(PAMMessage.longest) bytes")
                return nil
            }
            messages.append(PAMMessage(style, text))
        }
        guard messages.reduce(0, { $0 + $1.text.count }) <= PAMMessage.longestTogether else {
            _ = conversation.fail("messages are longer than \(PAMMessage.longestTogether) bytes")
            return nil
        }
        return messages
    }

    /// Memory that the module frees: a response for each message, each text with its NUL.
    static func copies(of answers: [Secret<[UInt8]>]) -> UnsafeMutablePointer<pam_response>? {
        let size = unsafe MemoryLayout<pam_response>.stride
        guard let memory = unsafe calloc(answers.count, size) else { return nil }
        let copies = unsafe memory.bindMemory(to: pam_response.self, capacity: answers.count)
        for (index, answer) in answers.enumerated() {
            unsafe copies[index].resp = unsafe answer.withExposed { bytes in
                unsafe strdup(bytes.map(CChar.init(bitPattern:)) + [0])
            }
        }
        return unsafe copies
    }

    private static func style(_ number: CInt) -> PAMMessage.Style? {
        switch number {
        case PAM_PROMPT_ECHO_OFF: .secret
        case PAM_PROMPT_ECHO_ON: .text
        case PAM_ERROR_MSG: .error
        case PAM_TEXT_INFO: .info
        default: nil
        }
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> [UInt8]? {
        guard let pointer = unsafe pointer else { return [] }
        let count = unsafe strnlen(pointer, PAMMessage.longest + 1)
        guard count <= PAMMessage.longest else { return nil }
        return unsafe UnsafeBufferPointer(start: pointer, count: count).map(UInt8.init(bitPattern:))
    }
}
