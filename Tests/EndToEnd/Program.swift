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

    /// Runs a program to its end, on a thread of its own. Output and errors go through files, so neither blocks.
    static func run(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], input: String = ""
    ) async throws -> Ending {
        let scratch = Scratch()
        let files = ["in", "out", "err"].map { scratch.path($0) }
        try Data(input.utf8).write(to: URL(fileURLWithPath: files[0]))
        for file in files.dropFirst() { FileManager.default.createFile(atPath: file, contents: nil) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path(name))
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle(forReadingAtPath: files[0])
        process.standardOutput = FileHandle(forWritingAtPath: files[1])
        process.standardError = FileHandle(forWritingAtPath: files[2])
        let status = try await ended(process)
        return Ending(status: status, output: scratch.text("out"), errors: scratch.text("err"))
    }

    private static func ended(_ process: Process) async throws -> Int32 {
        let (endings, continuation) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { continuation.yield($0.terminationStatus) }
        try process.run()
        for await status in endings { return status }
        return -1
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
        FileManager.default.createFile(
            atPath: path(name), contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        return path(name)
    }
}
