import SSHFormats

/// One message of a module, as pam_conv(3) has it: something to answer, or something to read.
package struct PAMMessage: Hashable, Sendable {
    package enum Style: UInt8, Sendable {
        /// Answered without being seen (`PAM_PROMPT_ECHO_OFF`).
        case secret = 1
        /// Answered in the open (`PAM_PROMPT_ECHO_ON`).
        case text
        /// Read only (`PAM_ERROR_MSG`, `PAM_TEXT_INFO`).
        case error, info

        package var isAnswered: Bool { self == .secret || self == .text }
    }

    /// Most messages of one call (`PAM_MAX_NUM_MSG`).
    package static let mostAtOnce = 32
    /// Bytes of one message; Linux-PAM means 512 to do, drawings of QR codes take more.
    package static let longest = 4_096
    /// Bytes of all messages of one call.
    package static let longestTogether = 32_768

    package let style: Style
    /// As the module gave it: it may be any bytes but NUL.
    package let text: [UInt8]

    package init(_ style: Style, _ text: [UInt8]) {
        self.style = style
        self.text = text
    }

    /// The message with another name in place of this one, where it stands as a word.
    package func renamed(from name: [UInt8], to other: [UInt8]) -> PAMMessage {
        guard !name.isEmpty, name != other else { return self }
        var renamed: [UInt8] = []
        var rest = text[...]
        while let byte = rest.first {
            let isStart = renamed.last.map { !Self.isWord($0) } ?? true
            let after = rest.dropFirst(name.count)
            if isStart, rest.starts(with: name), after.first.map({ !Self.isWord($0) }) ?? true {
                renamed += other
                rest = after
            } else {
                renamed.append(byte)
                rest = rest.dropFirst()
            }
        }
        return PAMMessage(style, Array(renamed.prefix(Self.longest)))
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        return isDigit || isLetter || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    static func list(_ reader: inout WireReader) throws -> [PAMMessage] {
        var messages: [PAMMessage] = []
        while !reader.isAtEnd {
            guard messages.count < mostAtOnce, let style = Style(rawValue: try reader.byte()) else {
                throw PAMFault.malformed("too many messages, or one of no known style")
            }
            messages.append(PAMMessage(style, Array(try reader.string(limit: longest))))
        }
        return messages
    }

    func write(to writer: inout WireWriter) {
        writer.byte(style.rawValue)
        writer.string(text)
    }
}
