import ArgumentParser
import AuthorityAPI
import Glibc
import Posix
import Synchronization

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Print JSON, errors too (those to standard error).")
    var json = false
}

/// A command whose errors become two lines and an exit status; an `ExitCode` that it throws has said all already.
protocol ReeveCommand: AsyncParsableCommand {
    var common: CommonOptions { get }
    func perform() async throws
}

extension ReeveCommand {
    mutating func run() async throws {
        do {
            try await perform()
            try Output.check()
        } catch let code as ExitCode {
            throw code
        } catch {
            let fault = Fault(error)
            if common.json { Output.note(Output.json(fault.report)) } else { Output.complain(fault) }
            throw ExitCode(fault.status.rawValue)
        }
    }

    /// Prints the value as JSON, or the lines if people read; a line feed inside one is shown, not obeyed.
    func show(_ value: some Encodable, lines: [String]) {
        guard common.json else { return lines.forEach(Output.line) }
        Output.line(Output.json(value))
    }

    /// Prints the value as JSON, or a text of several lines if people read.
    func show(_ value: some Encodable, text: String) {
        show(value, lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }
}

extension ReeveCommand {
    /// Prints the value as JSON, or the table if people read.
    func show(_ value: some Encodable, table: Table) {
        show(value, lines: common.json ? [] : table.lines(on: .output))
    }
}

enum Output {
    static func json(_ value: some Encodable) -> String {
        String(decoding: APICoding.encode(value), as: UTF8.self)
    }

    /// The first error in writing to standard output.
    private static let failure = Mutex<PosixError?>(nil)

    /// A line to standard output.
    static func line(_ text: String) {
        let code = write(printable(text, isLine: true) + "\n", to: STDOUT_FILENO)
        guard code != 0 else { return }
        failure.withLock { $0 = $0 ?? PosixError("write", code: code) }
    }

    /// - Throws: ``Fault`` if something that was to be shown could not be written: what was asked for may be done.
    static func check() throws {
        guard let error = failure.withLock(\.self) else { return }
        throw Fault(
            .usage, "standard output cannot be written: \(error)",
            next: "What was asked for may be done, and only its answer lost: look before you repeat it.")
    }

    /// A line to standard error.
    static func note(_ text: String) { write(text + "\n") }

    /// Text to standard error.
    static func write(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    /// - Returns: 0, or the error number.
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        let bytes = Array(text.utf8)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : EIO }
            rest = rest.dropFirst(count)
        }
        return 0
    }

    /// What happened and what to do next; the program's name in red where colours are wanted.
    static func complain(_ fault: Fault) {
        let text = fault.text
        let name = "reeve:"
        guard text.hasPrefix(name) else { return note(text) }
        note(
            Screen.errors.painted(name, .red)
                + printable(String(text.dropFirst(name.count)), isLine: false))
    }

    /// The text with whatever could drive a terminal written as `\u{…}`: control characters but tab, what ends a line, and
    /// those that turn the direction of writing. Our own colours are added after it.
    ///
    /// - Parameter isLine: False leaves line feeds as they are.
    static func printable(_ text: String, isLine: Bool = true) -> String {
        guard text.unicodeScalars.contains(where: { isUnsafe($0, isLine: isLine) }) else { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            if isUnsafe(scalar, isLine: isLine) {
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar, isLine: Bool) -> Bool {
        switch scalar.value {
        case 0x09: false
        case 0x0a: isLine
        case 0..<0x20, 0x7f..<0xa0, 0x061c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    /// A value among others in a line: in quotes where it holds what could pass for the next one.
    static func word(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy {
                !$0.properties.isWhitespace && $0 != "\"" && $0 != "\\"
            }
        guard !isPlain else { return text }
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped)\""
    }

    static func warn(_ text: String) { note("reeve: warning: \(text)") }
}
