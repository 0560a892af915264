import Glibc
import Posix

/// A dialogue at the terminal of this process, which an sshd has given it.
final class TerminalDialogue: Dialogue {
    /// Longest line, in bytes.
    private static let longest = 4096

    /// nil where standard input is no terminal: what is typed could not be hidden.
    init?() {
        guard isatty(STDIN_FILENO) == 1 else { return nil }
    }

    func ask(_ text: String, _ prompts: [DialoguePrompt]) async -> [String]? {
        if !text.isEmpty { StandardError.write("\(text)\n") }
        var answers: [String] = []
        for prompt in prompts {
            guard let answer = line(prompt) else { return nil }
            answers.append(answer)
        }
        return answers
    }

    /// nil at the end of the input.
    func line(_ prompt: DialoguePrompt) -> String? {
        var kept = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &kept) == 0 else { return nil }
        var hidden = kept
        if !prompt.isShown { hidden.c_lflag &= ~tcflag_t(ECHO) }
        guard unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0 else { return nil }
        defer {
            _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &kept)
            if !prompt.isShown { StandardError.write("\n") }
        }
        // Only now, since what was typed before is thrown away.
        StandardError.write("\(prompt.text): ")
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < TerminalDialogue.longest {
            let count = unsafe read(STDIN_FILENO, &byte, 1)
            if count == -1, errno == EINTR { continue }
            guard count == 1 else { return nil }
            guard byte != UInt8(ascii: "\n") else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return nil
    }
}
