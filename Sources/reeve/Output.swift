import ArgumentParser
import AuthorityAPI
import Glibc

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
        do { try await perform() } catch let code as ExitCode {
            throw code
        } catch {
            let fault = Fault(error)
            if common.json { Output.note(Output.json(fault.report)) } else { Output.complain(fault) }
            throw ExitCode(fault.status.rawValue)
        }
    }

    /// Prints the value as JSON, or the lines if people read.
    func show(_ value: some Encodable, lines: [String]) {
        guard common.json else {
            for line in lines { print(Output.printable(line)) }
            return
        }
        print(Output.json(value))
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

    /// A line to standard error.
    static func note(_ text: String) { write(text + "\n") }

    /// Text to standard error.
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// What happened and what to do next; the program's name in red where colours are wanted.
    static func complain(_ fault: Fault) {
        let text = fault.text
        let name = "reeve:"
        guard text.hasPrefix(name) else { return note(text) }
        note(Screen.errors.painted(name, .red) + printable(String(text.dropFirst(name.count))))
    }

    /// The text with whatever could drive a terminal written as `\u{…}`: control characters but line feed and tab, and
    /// those that turn the direction of writing. Our own colours are added after it.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        return text.unicodeScalars.map { isUnsafe($0) ? "\\u{\(String($0.value, radix: 16))}" : String($0) }
            .joined()
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0a: false
        case 0..<0x20, 0x7f..<0xa0, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    static func warn(_ text: String) { note("reeve: warning: \(text)") }
}
