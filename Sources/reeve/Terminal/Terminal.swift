import CPosix
import Dispatch
import Glibc
import Posix

/// The terminal of the person, whatever standard input and output are: `/dev/tty`.
struct Terminal: ~Copyable {
    private let number: Int32

    /// nil when there is none.
    init?() {
        number = unsafe posix_open("/dev/tty", O_RDWR | O_CLOEXEC, 0)
        guard number >= 0 else { return nil }
    }

    deinit { close(number) }

    func show(_ text: String) {
        let bytes = Array(text.utf8)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(number, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Asks for a line that is seen while it is typed.
    func line(_ prompt: String) throws -> String {
        show(prompt)
        return try readLine()
    }

    /// Asks for a line that is not seen; the terminal is put back whatever happens, signals included.
    func hiddenLine(_ prompt: String) throws -> String {
        var saved = termios()
        guard unsafe tcgetattr(number, &saved) == 0 else { throw PosixError("tcgetattr", code: errno) }
        var hidden = saved
        hidden.c_lflag &= ~tcflag_t(ECHO)
        let guards = [SIGINT, SIGTERM, SIGHUP, SIGQUIT].map { SignalGuard($0, restoring: saved, on: number) }
        defer {
            _ = unsafe tcsetattr(number, TCSAFLUSH, &saved)
            for guardian in guards { guardian.cancel() }
            show("\n")
        }
        guard unsafe tcsetattr(number, TCSAFLUSH, &hidden) == 0 else {
            throw PosixError("tcsetattr", code: errno)
        }
        // Only now, since what was typed before is thrown away.
        show(prompt)
        return try readLine()
    }

    /// One line without its end, at most 4,096 bytes.
    private func readLine() throws -> String {
        var line: [UInt8] = []
        while line.count <= 4_096 {
            var byte: UInt8 = 0
            let count = unsafe read(number, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw Fault(.needsSignIn, "the input ended", next: "Try again and answer.")
            }
            guard byte != UInt8(ascii: "\n") else { break }
            line.append(byte)
        }
        guard let text = String(validating: line, as: UTF8.self) else {
            throw Fault(.usage, "the answer is not UTF-8", next: "Try again.")
        }
        return text
    }
}

/// Puts the terminal back when a signal ends the program, then lets the signal do so.
private struct SignalGuard {
    private let source: any DispatchSourceSignal
    private let signalNumber: Int32

    init(_ signalNumber: Int32, restoring saved: termios, on terminal: Int32) {
        self.signalNumber = signalNumber
        _ = signal(signalNumber, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: signalNumber, queue: .global())
        source.setEventHandler {
            var saved = saved
            _ = unsafe tcsetattr(terminal, TCSAFLUSH, &saved)
            _exit(128 + signalNumber)
        }
        source.resume()
    }

    func cancel() {
        source.cancel()
        _ = signal(signalNumber, SIG_DFL)
    }
}
