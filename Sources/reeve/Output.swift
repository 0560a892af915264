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
            Output.note(common.json ? Output.json(fault.report) : fault.text)
            throw ExitCode(fault.status.rawValue)
        }
    }

    /// Prints the value as JSON, or the lines if people read.
    func show(_ value: some Encodable, lines: [String]) {
        guard common.json else {
            for line in lines { print(line) }
            return
        }
        print(Output.json(value))
    }
}

enum Output {
    static func json(_ value: some Encodable) -> String {
        String(decoding: APICoding.encode(value), as: UTF8.self)
    }

    /// A line to standard error.
    static func note(_ text: String) {
        let line = Array((text + "\n").utf8)
        var rest = line[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    static func warn(_ text: String) { note("reeve: warning: \(text)") }
}
