import Foundation

/// A program of this package, as it was built beside the tests.
enum Program {
    static let folder: String = {
        if let named = ProcessInfo.processInfo.environment["KEYREEVE_BIN"] { return named }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.appendingPathComponent(".build/debug").path
    }()

    static func path(_ name: String) -> String { name.hasPrefix("/") ? name : "\(folder)/\(name)" }

    struct Ending: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Runs a program to its end. Output and errors go through files, so neither blocks.
    static func run(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], input: String = ""
    ) async throws -> Ending {
        let scratch = Scratch()
        let input = try scratch.write(input, to: "in")
        let child = try SpawnedProgram(
            path(name), arguments, environment: environment, input: input, output: scratch.path("out"),
            errors: scratch.path("err"))
        let status = await child.ended()
        return Ending(status: status, output: scratch.text("out"), errors: scratch.text("err"))
    }
}

/// A folder that goes away with this value; others may enter it, so that servers can drop to another user.
final class Scratch: Sendable {
    let folder: String

    init() {
        folder = "/tmp/keyreeve-test-\(UUID().uuidString)"
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path(name)) ?? Data(), as: UTF8.self)
    }

    func write(_ text: String, to name: String) throws -> String {
        let mode: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard FileManager.default.createFile(atPath: path(name), contents: Data(text.utf8), attributes: mode)
        else { throw Failure("cannot write \(path(name))") }
        return path(name)
    }
}
